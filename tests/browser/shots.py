"""The pictures in the README: ``python tests/browser/shots.py``; look at them before they are committed."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from driver import NARROW, WIDE, Browser  # noqa: E402

import app  # noqa: E402
from qa.settings import read  # noqa: E402

SHOTS = (
    ("page", WIDE, False, "zh-CN", "京张铁路是谁负责修的？"),
    ("narrow", NARROW, False, "zh-CN", "二王廟石壁上的治水六字訣怎麼說？"),
    ("dark", WIDE, True, "en", "中国茶分哪几大类？"),
)


def main() -> None:
    """Writes the pictures beside this file."""
    server = app.opened(read(["--no-record"], {}))
    server.start()
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(Path(profile))
        for name, size, dark, lang, question in SHOTS:
            browser.open(server.address, size=size, dark=dark, lang=lang)
            browser.ask(question)
            browser.wait(lambda: browser.texts("#chips .example"))
            time.sleep(1)
            browser.driver.save_screenshot(str(HERE / f"{name}.png"))
        browser.quit()
    server.stop()


if __name__ == "__main__":
    main()
