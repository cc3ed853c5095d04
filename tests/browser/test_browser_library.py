"""The articles on the page: found, filtered, added, removed, linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driver import NARROW, Browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from embeddings.encode import embedder
from embeddings.update import sync
from qa.strings import EN, ZH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

UNIQUE = "江厦潮汐电站的总装机是4100千瓦。"


def titles(browser: Browser) -> list[str]:
    return browser.texts("#shelf .article .title")


def test_browser_finds_and_filters_articles(browser: Browser, address: str) -> None:
    browser.open(address)
    everything = titles(browser)
    assert len(everything) >= 12
    browser.one("#find input, #find textarea").send_keys("铁路 2022")
    browser.wait(lambda: len(titles(browser)) == 1)
    assert "京张铁路" in titles(browser)[0]
    assert f"1 / {len(everything)}" in browser.text("#shelf .count")
    browser.one("#facets [data-act=clear]").click()
    browser.wait(lambda: titles(browser) == everything)
    assert browser.one("#find input, #find textarea").get_attribute("value") == ""
    menu = browser.one("#facets select")
    assert menu.get_attribute("aria-label") == ZH.any_year
    option = next(o for o in menu.find_elements(By.TAG_NAME, "option") if o.text.startswith("2019"))
    option.click()
    browser.wait(lambda: 0 < len(titles(browser)) < len(everything))
    assert all("2019" in by for by in browser.texts("#shelf .article .by"))


def test_browser_asks_only_the_filtered_articles(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.act("button.article")
    browser.wait(lambda: browser.all("#reader [data-kind=author]"))
    author = browser.text("#reader [data-kind=author]")
    browser.act("#reader [data-kind=author]")
    browser.wait(lambda: browser.all("#facets [data-act=ask_only]"))
    assert all(author in by for by in browser.texts("#shelf .article .by"))
    browser.act("#facets [data-act=ask_only]")
    browser.wait(lambda: author in browser.text("#tools .only"))
    card = browser.ask("京张铁路是谁负责修的？")
    assert ZH.restricted.format(author) in card.text
    browser.act("#tools [data-act=ask_all]")
    browser.wait(lambda: not browser.all("#tools .only"))
    assert "詹天佑" in browser.ask("京张铁路是谁负责修的？").text


def test_browser_answers_from_an_upload_until_it_is_removed(
    browser: Browser, address: str, upload: Callable[..., str]
) -> None:
    browser.open(address)
    before = titles(browser)
    assert ZH.added in upload(潮汐_md=f"---\ntitle: 江厦潮汐电站\n---\n江厦潮汐电站在浙江温岭。{UNIQUE}\n")
    browser.wait(lambda: len(titles(browser)) == len(before) + 1)
    browser.ask("江厦潮汐电站的总装机是多少？")
    assert "4100千瓦" in browser.text(".card .phrase")
    browser.driver.execute_script(
        "[...document.querySelectorAll('#shelf li')].find(li => li.textContent.includes('江厦'))"
        ".querySelector('.bin').click()"
    )
    dialog = browser.one("dialog[open]")
    assert "《江厦潮汐电站》" in dialog.text
    assert ZH.remove_upload in dialog.text
    dialog.find_element(By.CSS_SELECTOR, "[data-act=remove]").click()
    browser.wait(lambda: titles(browser) == before)
    assert ZH.removed in browser.text("#report")
    card = browser.ask("江厦潮汐电站的总装机是多少？")
    assert "4100千瓦" not in card.text


def test_browser_keeps_an_article_whose_removal_is_cancelled(browser: Browser, address: str) -> None:
    browser.open(address)
    before = titles(browser)
    browser.act("#shelf .bin")
    browser.one("dialog[open] [data-close]").click()
    browser.wait(lambda: not browser.all("dialog[open]"))
    browser.act("#shelf .bin")
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.wait(lambda: not browser.all("dialog[open]"))
    assert titles(browser) == before


def test_browser_adds_a_folder_with_its_folders(browser: Browser, address: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / "blog" / name).mkdir(parents=True)
        (tmp_path / "blog" / name / "index.md").write_text(f"# 号码{name}\n\n{name}的号码是七。\n")
    (tmp_path / "blog" / "picture.png").write_bytes(b"x")
    (tmp_path / "blog" / ".hidden").mkdir()
    (tmp_path / "blog" / ".hidden" / "secret.md").write_text("不该上传。")
    browser.open(address, lang="en")
    browser.one("#add input[webkitdirectory]").send_keys(str(tmp_path / "blog"))
    browser.wait(lambda: "two/index.md" in browser.text("#report"))
    said = browser.text("#report")
    assert "blog/one/index.md" in said
    assert EN.left_out.format(1) in said
    assert "secret" not in said
    assert {"号码one", "号码two"} <= set(titles(browser))


def test_browser_refuses_other_kinds_and_too_much_before_it_sends(
    browser: Browser, serve: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("一篇。")
    address = serve(
        str(tmp_path / "articles"), "--library", str(tmp_path / "library"), "--most-files", "2",
        "--most-megabytes", "1",
    )  # fmt: skip
    browser.open(address)
    big, odd = tmp_path / "big.txt", tmp_path / "odd.exe"
    big.write_bytes(b"x" * ((1 << 20) + 1))
    odd.write_bytes(b"x")
    browser.one("#add input[type=file]").send_keys(f"{big}\n{odd}")
    browser.wait(lambda: "odd.exe" in browser.text("#report"))
    assert ZH.too_large.format(1) in browser.text("#report")
    assert ZH.other_kind in browser.text("#report")
    small = []
    for name in "abc":
        small.append(str(tmp_path / f"{name}.txt"))
        (tmp_path / f"{name}.txt").write_text(name)
    browser.one("#add input[type=file]").send_keys("\n".join(small))
    browser.wait(lambda: ZH.too_many.format(2, 3) in browser.text("#report"))
    assert len(titles(browser)) == 1


def test_browser_opens_a_link_to_a_place_and_copies_it(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask("京张铁路是谁负责修的？")
    browser.wait(lambda: browser.all("#reader mark.answer"))
    link = browser.copied("#reader [data-copy-link]")
    assert link.startswith(f"{address}?article=")
    browser.open(link, size=NARROW)
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))
    assert browser.text("#reader mark.answer") == "詹天佑"
    browser.open(f"{address}?article=gone&at=1-2")
    browser.wait(lambda: ZH.no_link in browser.text("#reader"))


def test_browser_shows_a_change_without_loading_again(
    browser: Browser, serve: Callable[..., str], tmp_path: Path
) -> None:
    folder, library = tmp_path / "articles", tmp_path / "library"
    folder.mkdir()
    (folder / "a.md").write_text("# 第一篇\n\n一。")
    address = serve(str(folder), "--library", str(library))
    browser.open(address)
    assert titles(browser) == ["第一篇"]
    (folder / "b.md").write_text("# 第二篇\n\n二。")
    sync(library, [folder], embedder(None))
    browser.wait(lambda: len(titles(browser)) == 2)
    assert ZH.watched not in browser.text("#foot")


def test_browser_follows_a_watched_folder(
    browser: Browser, serve: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.md").write_text("# 灯塔\n\n灯塔的守塔人是林舟。")
    browser.open(serve(str(folder), "--library", str(tmp_path / "library"), "--watch"))
    (folder / "a.md").write_text("# 灯塔\n\n灯塔的守塔人是王帆。")
    browser.wait(lambda: "王帆" in browser.ask("灯塔的守塔人是谁？").text)
    assert str(folder) in browser.text("#foot dl")


def test_browser_says_in_chinese_why_a_file_was_not_taken(
    browser: Browser, address: str, upload: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    browser.open(address)
    said = upload(空_md="", 坏_pdf="%PDF-1.4 not a pdf")
    assert "文件是空的" in said
    assert "PDF 已损坏" in said
    browser.act("#report [data-act=close_report]")
    browser.wait(lambda: not browser.all("#report li"))
