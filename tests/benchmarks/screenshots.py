"""Pictures of the page over the sample library: python tests/benchmarks/screenshots.py FOLDER.

Wide and narrow, light and dark, Chinese and English; they are made to be looked at.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "browser")]

from driver import NARROW, WIDE, Browser  # noqa: E402

import app  # noqa: E402

ZH = ("京张铁路是谁负责修的？", "怎么用Python读取Excel文件？")
EN = ("What did the 1202 alarm mean?", "How do I open a spreadsheet in Python?")
README = (1280, 760)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = place
        page = app.build(app.prepared(app._options().parse_args([])))
        address = app.launch(page, "127.0.0.1", app.free_port("127.0.0.1", None), block=False)
        browser = Browser(Path(place) / "profile")
        try:
            take(browser, address, folder)
        finally:
            browser.quit()
            page.close()


def take(browser: Browser, address: str, folder: Path) -> None:
    def shot(name: str) -> None:
        time.sleep(1)  # until scrolling has come to rest
        browser.driver.save_screenshot(str(folder / f"{name}.png"))
        print(folder / f"{name}.png")

    browser.open(address, size=README)
    browser.ask(ZH[0])
    shot("page")
    for lang, (said, unsaid) in {"zh": ZH, "en": EN}.items():
        for width, size in {"wide": WIDE, "narrow": NARROW}.items():
            for colours in ("light", "dark"):
                name = f"{lang}-{width}-{colours}"
                browser.open(address, lang=lang, size=size, dark=colours == "dark")
                shot(f"{name}-welcome")
                browser.ask(said)
                shot(f"{name}-answer")
                if width == "narrow":
                    browser.one(".card button.source").click()
                    shot(f"{name}-source")
                    browser.one("#head button.back").click()
                browser.ask(unsaid)
                shot(f"{name}-none")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
