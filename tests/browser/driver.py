"""Headless Chromium, and what the tests ask of it."""

from __future__ import annotations

import json
import os
import shutil
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver.remote.webelement import WebElement

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")

WIDE, NARROW = (1440, 900), (375, 740)

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip


class Card(NamedTuple):
    """What a card of the conversation was and said."""

    css: str
    text: str


class Browser:
    """A browser with a profile of its own; every request that its pages make is kept."""

    def __init__(self, profile: Path) -> None:
        for name in ("NO_PROXY", "no_proxy"):
            os.environ[name] = "localhost,127.0.0.1"
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
        self.quit = self.driver.quit

    def open(
        self, address: str, *, lang: str = "zh-CN", size: tuple[int, int] = WIDE, dark: bool = False
    ) -> None:
        """Opens the page and waits until it is there."""
        do = self.driver.execute_cdp_cmd
        width, height = size
        do(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        do("Emulation.setEmulatedMedia", {"features": [scheme]})
        agent = self.driver.execute_script("return navigator.userAgent")
        do("Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": lang})
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.delete_all_cookies()
        self.driver.get(address)
        self.wait(lambda: self.all("#chips button.example, #library .list"))
        self.wait(
            lambda: self.driver.execute_script("return document.documentElement.lang").startswith(lang[:2])
        )

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        self.wait(lambda: self.all(selector))
        return self.all(selector)[0]

    def text(self, selector: str) -> str:
        """The text of the first such element, once there is one."""
        self.wait(lambda: self.texts(selector))
        return self.texts(selector)[0]

    def texts(self, selector: str) -> list[str]:
        """The texts of all such elements, read at one instant: what is painted anew meanwhile is no error."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        return list(self.driver.execute_script(script, selector))

    def wait(self, until: Callable[[], object], seconds: float = 20) -> None:
        WebDriverWait(self.driver, seconds, 0.05).until(lambda _: until())

    def ask(self, question: str) -> Card:
        """Types the question, presses Enter; the card that answers."""
        before = len(self.all(".turn"))
        box = self.one("#box textarea")
        box.click()  # after a dialog that a script opened, keys reach it only so
        box.send_keys(question, Keys.ENTER)
        return self.answered(before)

    def answered(self, before: int = 0) -> Card:
        """The card of the turn after ``before`` others, once it is there; read at one instant."""
        self.wait(lambda: len(self.all(".turn .card:not(.waiting)")) > before)
        script = "const c = [...document.querySelectorAll('.turn .card')].at(-1); return [c.className, c.innerText]"
        return Card(*self.driver.execute_script(script))

    def in_view(self, selector: str, pane: str) -> bool:
        """Whether the first such element lies within the visible part of its pane."""
        return bool(
            self.driver.execute_script(
                "const a = document.querySelector(arguments[0])?.getBoundingClientRect();"
                "const b = document.querySelector(arguments[1])?.getBoundingClientRect();"
                "return a && b && b.height > 0 && a.top >= b.top && a.bottom <= Math.min(b.bottom, innerHeight)",
                selector,
                pane,
            )
        )

    def act(self, selector: str) -> None:
        """Clicks the first such element, wherever it stands and whether or not it is shown only on hovering."""
        self.driver.execute_script("arguments[0].click()", self.one(selector))

    def said(self) -> str:
        """What the page said last in passing."""
        self.wait(lambda: self.text("#head .toast"))
        return self.text("#head .toast")

    def copied(self, selector: str) -> str:
        """What a click on the first such button puts on the clipboard."""
        self.driver.execute_cdp_cmd(
            "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        )
        self.act(selector)
        self.said()
        return str(self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])"))

    def downloads(self, folder: Path) -> None:
        """Lets downloads go to ``folder``."""
        self.driver.execute_cdp_cmd(
            "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )

    def violations(self) -> list[str]:
        """What axe-core holds against the screen as it is, serious or worse."""
        self.driver.execute_script((files("axe_core_python") / "axe.min.js").read_text("utf-8"))
        found = self.driver.execute_async_script(
            "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"
        )
        return [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def hosts(self) -> set[str]:
        """The hosts asked for anything since the page was opened."""
        found = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            address = ""
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
            elif message["method"] == "Network.webSocketCreated":
                address = message["params"]["url"]
            if address and urlsplit(address).scheme not in ("data", "blob"):
                found.add(urlsplit(address).hostname or "")
        return found

    def complaints(self) -> list[str]:
        """What the browser's console held against the page."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
