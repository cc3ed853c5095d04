"""A page being served, and a browser before it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from driver import CHROMEDRIVER, CHROMIUM, Browser

import app
from qa.settings import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = pytest.mark.skipif(
        not (CHROMIUM and CHROMEDRIVER), reason="no chromium or no chromedriver on the path"
    )
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(missing)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache and an upload folder of the module's own."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "GRADIO_TEMP_DIR"):
            (folder / name).mkdir()
            patch.setenv(name, str(folder / name))
        yield folder


@pytest.fixture(scope="module")
def serve(home: Path) -> Iterator[Callable[..., str]]:
    """The address of a page with these flags, by default over the sample articles."""
    servers = []

    def start(*flags: str) -> str:
        server = app.opened(read(flags, {}))
        server.start()
        servers.append(server)
        return server.address

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.quit()


@pytest.fixture
def upload(browser: Browser, tmp_path: Path) -> Callable[..., str]:
    """Uploads files with these names ("a_md") and texts; what is said of them."""

    def send(**texts: str) -> str:
        paths = []
        for name, text in texts.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        browser.one("#add input[type=file]").send_keys("\n".join(paths))
        browser.wait(lambda: all(Path(path).name in browser.text("#report") for path in paths))
        return browser.text("#report")

    return send
