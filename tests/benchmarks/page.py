"""How fast the page is, alone and with many: ``python -m tests.benchmarks.page``.

First paint and the time from Enter to the answer are seen in headless Chromium over the sample library; then
so many visitors ask at once for so long, over HTTP, while one looks in with the browser.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from selenium.webdriver.common.keys import Keys

import app
from qa.settings import read

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "browser")]

from driver import Browser  # noqa: E402 -- lies in another folder of tests
from visitor import crowd  # noqa: E402

ROUNDS = 15


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    listed = json.loads((Path(app.__file__).parent / "qa/samples/questions.json").read_text("utf-8"))
    questions = [entry["question"] for entry in listed["examples"]]
    server = app.opened(read(["--no-record"], {}))
    server.start()
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(Path(profile))
        browser.open(server.address)
        paints = [_paint(browser, server.address) for _ in range(ROUNDS)]
        print(f"first paint of a warm server, p50 of {ROUNDS}: {statistics.median(paints):.2f} s")
        waits = [_answer(browser, questions[n % len(questions)]) for n in range(ROUNDS)]
        print(f"Enter to answer in the browser, p50 of {ROUNDS}: {statistics.median(waits):.2f} s")
        lone, wrong = asyncio.run(crowd(server.address, questions, 1, 10))
        print(
            f"one visitor over HTTP: {len(lone)} answers, p50 {statistics.median(lone):.3f} s, {len(wrong)} errors"
        )
        looks: list[float] = []
        done = threading.Event()

        def look() -> None:
            while not done.wait(5):
                looks.append(_paint(browser, server.address))

        looking = threading.Thread(target=look)
        looking.start()
        took, wrong = asyncio.run(crowd(server.address, questions, options.visitors, options.seconds))
        done.set()
        looking.join()
        browser.quit()
    server.stop()
    took.sort()
    p95 = took[int(0.95 * len(took))]
    bar = 5 * statistics.median(lone) * options.visitors / 2
    print(
        f"{options.visitors} visitors, {options.seconds:.0f} s: {len(took)} answers "
        f"({len(took) / options.seconds:.1f}/s), p50 {statistics.median(took):.2f} s, p95 {p95:.2f} s "
        f"(5 x {statistics.median(lone):.3f} x {options.visitors}/2 = {bar:.1f} s), {len(wrong)} errors"
    )
    print(
        f"the page opened meanwhile, {len(looks)} times: p50 {statistics.median(looks):.2f} s, worst {max(looks):.2f} s"
    )
    for line in wrong[:5]:
        print(line)


def _paint(browser: Browser, address: str) -> float:
    begun = time.perf_counter()
    browser.driver.get(address)
    browser.wait(lambda: browser.texts("#shelf .article") and browser.texts("#chips .example"), 60)
    return time.perf_counter() - begun


def _answer(browser: Browser, question: str) -> float:
    before = len(browser.all(".turn"))
    box = browser.one("#box textarea")
    box.send_keys(question)
    begun = time.perf_counter()
    box.send_keys(Keys.ENTER)
    browser.answered(before)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
