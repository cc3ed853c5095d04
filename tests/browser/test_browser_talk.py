"""The conversation on the page: followed up, changed, judged, copied, exported, kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from selenium.webdriver.common.keys import Keys

from qa.strings import EN, ZH

if TYPE_CHECKING:
    from pathlib import Path

    from driver import Browser

QUESTION, ANSWER = "京张铁路是谁负责修的？", "詹天佑"


def asked(browser: Browser) -> list[str]:
    return browser.texts(".asked p")


def test_browser_shows_what_a_follow_up_searched_for(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    card = browser.ask("他毕业于哪所大学？")
    assert ZH.searched_for.format("詹天佑毕业于哪所大学？") in card.text
    browser.act(".turn:last-child [data-act=edit]")
    box = browser.one("#box textarea")
    browser.wait(lambda: box.get_attribute("value") == "詹天佑毕业于哪所大学？")


def test_browser_offers_what_to_ask_next_and_it_is_answered(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask("二王廟石壁上的治水六字訣怎麼說？")
    browser.wait(lambda: browser.all("#chips button.example"))
    assert ZH.suggestions in browser.text("#chips h2")
    question = browser.text("#chips button.example")
    browser.act("#chips button.example")
    card = browser.answered(1)
    assert asked(browser)[-1] == question
    assert "answered" in card.css


def test_browser_edits_a_question_and_drops_what_followed(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask("中国茶分哪几大类？")
    browser.ask("惊蛰以前叫什么名字？")
    browser.act(".turn [data-act=edit_question]")
    browser.wait(lambda: browser.all(".turn.editing"))
    box = browser.one("#box textarea")
    browser.wait(lambda: box.get_attribute("value") == "中国茶分哪几大类？")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(QUESTION, Keys.ENTER)
    browser.wait(lambda: asked(browser) == [QUESTION] and browser.all(".card .phrase"))
    assert browser.text(".card .phrase") == ANSWER


def test_browser_answers_again_and_begins_anew(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.act(".turn [data-act=retry]")
    browser.wait(lambda: browser.all(".card.answered") and asked(browser) == [QUESTION])
    browser.act("#tools [data-act=new]")
    browser.wait(lambda: browser.all(".welcome") and browser.all("#chips button.example"))
    assert asked(browser) == []
    assert ZH.examples in browser.text("#chips h2")
    browser.wait(lambda: browser.driver.switch_to.active_element == browser.one("#box textarea"))


def test_browser_steps_through_the_sources(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask("中国茶分哪几大类？")
    if not browser.all("#reader [data-act=step]"):
        browser.ask("有哪些讲铁路的文章？")
    browser.wait(lambda: browser.all("#reader [data-act=step]"))
    first = browser.text("#reader .at")
    assert first.startswith("1 / ")
    browser.act("#reader [data-act=step] ~ [data-act=step]")
    browser.wait(lambda: browser.text("#reader .at").startswith("2 / "))
    browser.act("#reader [data-act=step]")
    browser.wait(lambda: browser.text("#reader .at") == first)


def test_browser_copies_an_answer_with_its_source(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    plain = browser.copied(".card .copy button:nth-child(1)")
    assert plain.startswith(ANSWER + "\n")
    assert "——陆远山，《京张铁路：山谷里写下的一个“人”字》，2022-03-12" in plain
    browser.wait(lambda: not browser.text("#head .toast"))
    assert browser.copied(".card .copy button:nth-child(2)").startswith("> ")
    browser.wait(lambda: not browser.text("#head .toast"))
    assert browser.copied(".card .copy button:nth-child(3)").startswith(
        "陆远山. 京张铁路：山谷里写下的一个“人”字["
    )


def test_browser_judges_and_tells_what_was_asked(browser: Browser, address: str, tmp_path: Path) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.ask("量子退火计算机的工作温度是多少？")
    browser.driver.execute_script("document.querySelector('.turns').scrollTop = 1e6")
    browser.act(".card [data-good='1']")
    assert browser.said() == ZH.thanks
    assert browser.one(".card [data-good='1']").get_attribute("aria-pressed") == "true"
    browser.act("#foot [data-act=statistics]")
    browser.wait(lambda: browser.all("#reader .figures"))
    said = browser.text("#reader")
    assert "量子退火计算机的工作温度是多少？" in said
    assert ZH.found_nothing in said
    browser.downloads(tmp_path)
    browser.act("#reader [data-kind=squad]")
    browser.wait((tmp_path / "squad.json").exists)
    paragraphs = json.loads((tmp_path / "squad.json").read_text())["data"][0]["paragraphs"]
    assert paragraphs[0]["qas"][0]["answers"][0]["text"] == ANSWER


def test_browser_exports_the_conversation(browser: Browser, address: str, tmp_path: Path) -> None:
    browser.open(address, lang="en")
    browser.ask(QUESTION)
    browser.downloads(tmp_path)
    browser.act("#tools [data-kind=markdown]")
    browser.wait(lambda: list(tmp_path.glob("*.md")))
    text = next(tmp_path.glob("*.md")).read_text("utf-8")
    assert text.startswith(f"# {EN.conversation}")
    assert f"**{ANSWER}**" in text
    browser.act("#tools [data-kind=json]")
    browser.wait(lambda: list(tmp_path.glob("*.json")))
    assert json.loads(next(tmp_path.glob("*.json")).read_text("utf-8"))[0]["answers"][0]["text"] == ANSWER


def test_browser_keeps_conversations_only_if_told_to(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    assert browser.driver.execute_script("return localStorage.getItem('article-qa:kept')") is None
    browser.act("#tools [data-open=history]")
    assert ZH.no_history in browser.text("dialog[open]")
    browser.act("dialog[open] .keep")
    browser.wait(lambda: QUESTION in browser.text("dialog[open] .kept"))
    browser.open(address)
    assert asked(browser) == []
    browser.act("#tools [data-open=history]")
    browser.act("dialog[open] .kept button")
    browser.wait(lambda: browser.all(".card .phrase"))
    assert asked(browser) == [QUESTION]
    assert browser.text(".card .phrase") == ANSWER
    browser.act("#tools [data-open=history]")
    browser.act("dialog[open] .gone")
    browser.wait(lambda: ZH.no_history in browser.text("dialog[open]"))
    browser.act("dialog[open] [data-close]")
    browser.ask(QUESTION)
    browser.act("#tools [data-open=history]")
    browser.wait(lambda: QUESTION in browser.text("dialog[open] .kept"))
    browser.act("dialog[open] .forget")
    browser.wait(lambda: ZH.no_history in browser.text("dialog[open]"))
    browser.act("dialog[open] .keep")
    browser.driver.execute_script("localStorage.clear()")


def test_browser_asks_what_a_link_asks(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    link = browser.copied(".turn [data-copy-link]")
    browser.open(link)
    browser.wait(lambda: browser.all(".card .phrase"))
    assert asked(browser) == [QUESTION]


def test_browser_remembers_the_colours_that_were_chosen(browser: Browser, address: str) -> None:
    browser.open(address)
    dark = "return document.body.classList.contains('dark')"
    assert not browser.driver.execute_script(dark)
    browser.act("#head [data-theme]")
    assert browser.driver.execute_script(dark)
    browser.open(address)
    assert browser.driver.execute_script(dark)
    browser.act("#head [data-theme]")
    assert not browser.driver.execute_script(dark)
    browser.driver.execute_script("localStorage.clear()")


def test_browser_goes_to_the_question_by_a_key(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.act(".card button.source")
    browser.one("#reader .text").click()
    browser.driver.switch_to.active_element.send_keys("/")
    browser.wait(lambda: browser.driver.switch_to.active_element == browser.one("#box textarea"))
    assert browser.one("#box textarea").get_attribute("value") == ""
