"""Who may do what, by what path, and whether everybody can: passwords, proxies, accessibility, two visitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from driver import NARROW, WIDE, Browser
from selenium.webdriver.common.keys import Keys

from qa.strings import EN, ZH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUESTION = "京张铁路是谁负责修的？"


@pytest.fixture(scope="module")
def guarded(serve: Callable[..., str]) -> str:
    return serve("--admin-password", "芝麻开门", "--root-path", "qa")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("second"))
    yield opened
    opened.quit()


def test_browser_opens_the_administration_to_the_password(browser: Browser, guarded: str) -> None:
    browser.open(guarded)
    assert not browser.all("#add input")
    assert not browser.all("#shelf .bin")
    assert not browser.all("#foot [data-act=statistics]")
    browser.act("#foot [data-open=unlock]")
    field = browser.one("dialog[open] input[type=password]")
    field.send_keys("错的", Keys.ENTER)
    assert browser.said() == ZH.wrong_password
    browser.act("#foot [data-open=unlock]")
    browser.one("dialog[open] input[type=password]").send_keys("芝麻开门", Keys.ENTER)
    browser.wait(lambda: browser.all("#add input"))
    browser.driver.refresh()
    browser.wait(lambda: browser.all("#add input"))
    browser.act("#foot [data-act=lock]")
    browser.wait(lambda: not browser.all("#add input"))


def test_browser_uploads_only_with_the_password(
    browser: Browser, guarded: str, upload: Callable[..., str]
) -> None:
    with httpx.Client(trust_env=False) as client:
        sent = client.post(guarded + "gradio_api/upload", files={"files": ("a.md", b"x")})
        assert sent.status_code == 403
    browser.open(guarded)
    browser.act("#foot [data-open=unlock]")
    browser.one("dialog[open] input[type=password]").send_keys("芝麻开门", Keys.ENTER)
    browser.wait(lambda: browser.all("#add input"))
    assert ZH.added in upload(密_md="# 暗号\n\n暗号是月亮。")


def test_browser_works_under_a_path_of_its_own(browser: Browser, guarded: str) -> None:
    assert guarded.endswith("/qa/")
    browser.open(guarded)
    assert "詹天佑" in browser.ask(QUESTION).text
    assert browser.complaints() == []
    with httpx.Client(trust_env=False) as client:
        for path in (guarded + "healthz", guarded.removesuffix("qa/") + "healthz"):
            assert client.get(path).json()["status"] == "ok"


def test_browser_lets_nobody_change_what_is_read_only(browser: Browser, serve: Callable[..., str]) -> None:
    browser.open(serve("--read-only"))
    assert not browser.all("#add input")
    assert not browser.all("#shelf .bin")
    assert not browser.all("#foot [data-open=unlock]")
    assert "詹天佑" in browser.ask(QUESTION).text


def test_browser_lets_in_only_whom_it_knows(browser: Browser, serve: Callable[..., str]) -> None:
    address = serve("--auth", "lin:灯塔")
    browser.driver.delete_all_cookies()
    browser.driver.get(address)
    browser.wait(lambda: browser.all("input[type=password]"))
    assert not browser.all("#desk")
    fields = browser.all("input, textarea")
    fields[0].send_keys("lin")
    browser.one("input[type=password]").send_keys("灯塔", Keys.ENTER)
    browser.wait(lambda: browser.all("#shelf .article"))
    assert "詹天佑" in browser.ask(QUESTION).text
    with httpx.Client(trust_env=False) as client:
        assert client.get(address + "healthz").status_code == 200
        assert client.get(address + "config").status_code == 401
        assert client.post(address + "gradio_api/queue/join", json={"data": []}).status_code == 401
        wrong = [
            client.post(address + "login", data={"username": "lin", "password": "x"}).status_code
            for _ in range(6)
        ]
    assert wrong == [400] * 5 + [429]


def test_browser_keeps_two_visitors_apart(browser: Browser, second: Browser, address: str) -> None:
    browser.open(address)
    second.open(address, lang="en")
    browser.ask(QUESTION)
    second.ask("Why were the astronauts put in quarantine?")
    browser.ask("他毕业于哪所大学？")
    assert [bubble.text for bubble in second.all(".asked p")] == [
        "Why were the astronauts put in quarantine?"
    ]
    assert second.text("#head h1") == EN.name
    assert "詹天佑毕业于哪所大学" in browser.all(".card")[-1].text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_browser_is_accessible_on_each_screen(
    browser: Browser, address: str, size: tuple[int, int], dark: bool
) -> None:
    browser.open(address, size=size, dark=dark, lang="en" if dark else "zh-CN")
    found = {"welcome": browser.violations()}
    browser.ask(QUESTION)
    browser.driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    found["answer"] = browser.violations()
    browser.ask("量子退火计算机的工作温度是多少？")
    found["no answer"] = browser.violations()
    browser.act(".card button.source")
    browser.wait(lambda: browser.one("#reader .text").is_displayed())
    found["reader"] = browser.violations()
    if size == NARROW:
        browser.act("#head button.back")
        browser.wait(lambda: browser.one("#chat").is_displayed())
        browser.act("#head [data-view=library]")
    browser.wait(lambda: browser.one("#shelf").is_displayed())
    found["library"] = browser.violations()
    browser.act("#shelf .bin")
    found["dialog"] = browser.violations()
    browser.act("dialog[open] [data-close]")
    browser.act("#foot [data-act=statistics]")
    browser.wait(lambda: browser.one("#reader .plain").is_displayed())
    found["statistics"] = browser.violations()
    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}
