"""README's first line in a fresh virtual environment: python tests/benchmarks/fresh.py

Copies the tracked files, installs, starts the page as the README says, asks it one question in
headless Chromium, and prints the answer. Needs Chromium and selenium where it is run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from driver import Browser  # noqa: E402

QUESTION = "京张铁路是谁负责修的？"
PORT = 7999


def main() -> None:
    line = re.search(
        r"^pip install -c constraints\.txt -e \. && python app\.py$",
        (ROOT / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    if not line:
        raise SystemExit("README.md has lost its first command line")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        copy, venv = place / "copy", place / "venv"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        begun = time.monotonic()
        environment = os.environ | {
            "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "XDG_CACHE_HOME": str(place / "cache"), "PYTHONPATH": "",
        }  # fmt: skip
        command = f"{line[0]} --port {PORT}"
        print(f"$ {command}")
        page = subprocess.Popen(
            ["bash", "-c", command.replace("&& python", "&& exec python")], cwd=copy, env=environment
        )
        try:
            address = f"http://127.0.0.1:{PORT}/"
            while not _up(address):
                if page.poll() is not None:
                    raise SystemExit("the page ended before it came up")
                time.sleep(0.5)
            print(f"the page came up after {time.monotonic() - begun:.0f} s, installing included")
            browser = Browser(place / "profile")
            try:
                browser.open(address)
                browser.ask(QUESTION)
                print(f"{QUESTION}\n{browser.driver.find_element('css selector', '.answer').text}")
            finally:
                browser.quit()
        finally:
            page.terminate()
            page.wait()


def _up(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    main()
