"""The page in a real browser, over the sample library."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from driver import NARROW, WIDE, Browser
from selenium.webdriver.common.keys import Keys

from qa.strings import EN, ZH

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION, ANSWER = "京张铁路是谁负责修的？", "詹天佑"
UNSAID = "量子退火计算机的工作温度是多少？"


def test_browser_shows_the_answer_marked_in_view(browser: Browser, address: str) -> None:
    browser.open(address)
    card = browser.ask(QUESTION)
    phrase = browser.text(".card .phrase")
    assert ANSWER in phrase
    assert browser.text("#reader mark.answer") == phrase
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))
    assert "京张铁路" in browser.text("#reader h2")
    assert "2022-03-12" in card.text
    if browser.all(".card blockquote mark"):
        assert browser.text(".card blockquote mark") == phrase


def test_browser_scrolls_back_to_a_source_that_is_opened_again(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))
    browser.driver.execute_script("document.querySelector('#reader .text').scrollTop = 1e6")
    browser.wait(lambda: not browser.in_view("#reader mark.answer", "#reader .text"))
    browser.one(".card button.source").click()
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))


def test_browser_says_that_the_articles_do_not_say(browser: Browser, address: str) -> None:
    browser.open(address)
    card = browser.ask(UNSAID)
    assert "none" in card.css
    assert ZH.not_said in card.text
    browser.one(".card.none button.hit").click()
    browser.wait(lambda: browser.all("#reader .passage"))
    browser.wait(lambda: browser.in_view("#reader .passage", "#reader .text"))


def test_browser_stays_as_it_is_for_an_empty_question(browser: Browser, address: str) -> None:
    browser.open(address)
    before = browser.texts("#head h1, #shelf .title, .welcome h2")
    browser.one("#box textarea").send_keys("  ", Keys.ENTER)
    time.sleep(1)
    assert browser.texts("#head h1, #shelf .title, .welcome h2") == before


def test_browser_asks_an_example_that_is_clicked(browser: Browser, address: str) -> None:
    browser.open(address)
    example = browser.one("button.example")
    question = example.text
    example.click()
    card = browser.answered()
    assert browser.text(".asked p") == question
    assert "answered" in card.css


def test_browser_answers_from_an_uploaded_article_at_once(
    browser: Browser, address: str, upload: Callable[..., str]
) -> None:
    browser.open(address)
    before = len(browser.all("button.article"))
    said = upload(
        潮汐电站_md="---\ntitle: 江厦潮汐电站\nauthor: 陈屿\n---\n"
        "江厦潮汐电站在浙江温岭。江厦潮汐电站的总装机是4100千瓦。\n",
        空_txt="",
    )
    assert ZH.added in said
    assert ZH.failed in said
    browser.wait(lambda: len(browser.all("button.article")) == before + 1)
    browser.ask("江厦潮汐电站的总装机是多少？")
    assert "4100千瓦" in browser.text(".card .phrase")
    assert browser.text("#reader h2") == "江厦潮汐电站"


def test_browser_speaks_english_and_switches(browser: Browser, address: str) -> None:
    browser.open(address, lang="en-GB")
    browser.wait(lambda: browser.text("#head h1") == EN.name)
    browser.wait(lambda: browser.one("#box textarea").get_attribute("placeholder") == EN.ask_hint)
    browser.ask("Why were the astronauts put in quarantine?")
    browser.wait(lambda: "Apollo 11" in browser.text("#reader h2"))
    browser.one("#head [data-act=lang]").click()
    browser.wait(lambda: browser.text("#head h1") == ZH.name)
    assert browser.driver.execute_script("return document.documentElement.lang") == "zh-CN"
    assert len(browser.all(".turn")) == 1
    browser.driver.refresh()
    browser.wait(lambda: browser.texts("#head h1") == [ZH.name] and browser.all("#chips .example"))


def test_browser_asks_no_other_host(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    time.sleep(1)
    assert browser.hosts() == {"127.0.0.1"}
    assert browser.complaints() == []


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_browser_fits_the_screen(browser: Browser, address: str, size: tuple[int, int]) -> None:
    browser.open(address, size=size)
    browser.ask(QUESTION)
    width, height = browser.driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert width <= size[0]
    assert height <= size[1]


def test_browser_shows_one_place_at_a_time_on_a_narrow_screen(browser: Browser, address: str) -> None:
    browser.open(address, size=NARROW)
    browser.ask(QUESTION)
    assert not browser.one("#reader").is_displayed()
    browser.one(".card button.source").click()
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))
    assert not browser.one("#chat").is_displayed()
    browser.one("#head button.back").click()
    browser.wait(lambda: browser.one("#chat").is_displayed())
    browser.one("#head [data-view=library]").click()
    browser.wait(lambda: browser.one("#shelf").is_displayed())
    browser.one("button.article").click()
    browser.wait(lambda: browser.one("#reader .text").is_displayed())
    browser.driver.back()
    browser.wait(lambda: browser.one("#shelf").is_displayed())
    browser.one("button.article").click()
    browser.wait(lambda: browser.one("#reader .text").is_displayed())
    browser.one("#head button.back").click()
    browser.wait(lambda: browser.one("#chat").is_displayed())
    browser.driver.refresh()
    browser.wait(lambda: browser.all("#chips button.example"))
    browser.one("#head [data-view=library]").click()
    browser.one("#head button.back").click()
    browser.wait(lambda: browser.one("#chat").is_displayed())


def test_browser_can_be_used_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.driver.execute_script("document.querySelector('#reader .text').scrollTop = 1e6")
    source = browser.one(".card button.source")
    for _ in range(60):
        browser.driver.switch_to.active_element.send_keys(Keys.SHIFT, Keys.TAB)
        if browser.driver.switch_to.active_element == source:
            break
    assert browser.driver.switch_to.active_element == source
    source.send_keys(Keys.ENTER)
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))


def test_browser_has_dark_colours(browser: Browser, address: str) -> None:
    browser.open(address, dark=True)
    colour = browser.driver.execute_script("return getComputedStyle(document.querySelector('#reader')).color")
    assert min(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]) > 200
