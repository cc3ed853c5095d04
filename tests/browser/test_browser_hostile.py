"""Articles, names and questions that want to be more than text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driver import Browser

HARM = "\"'><img src=x onerror=\"window.harmed='{0}'\"><script>window.harmed='{0}'</script>${{window.harmed='{0}'}}{{{{window.harmed='{0}'}}}}"

HOSTILE = """---
title: "<img src=x onerror=\\"window.harmed='title'\\">${window.harmed='t'}"
author: "<b onmouseover=alert(1)>坏人</b>"
date: 2024-01-01
tags: ["<img src=x onerror=\\"window.harmed='tag'\\">", "{{window.harmed='g'}}"]
link: "javascript:window.harmed='link'"
---

怪塔的门牌号码是四百零七号。<script>window.harmed='script'</script>

<img src="http://elsewhere.test/a.png" onerror="window.harmed='image'">

${window.harmed='dollar'} {{window.harmed='braces'}}

![图](http://elsewhere.test/b.png) $$\\\\href{javascript:window.harmed='math'}{x}$$

`${window.harmed='tick'}` \u202e倒着走\u2066
"""

PLAIN = """怪井的深度是三百零九米。<img src=http://elsewhere.test/c.png onerror="window.harmed='plain'">
${window.harmed='p'} {{window.harmed='q'}} $$x$$ \u202e倒
"""

PAGE = """<html><head><title>怪桥</title><meta http-equiv="refresh" content="0;url=http://elsewhere.test/"></head>
<body onload="window.harmed='body'"><h1>怪桥</h1><p>怪桥的桥墩一共有二百零三个。<a href="javascript:window.harmed='a'">点</a></p>
<iframe src="http://elsewhere.test/"></iframe><svg onload="window.harmed='svg'"></svg><style>@import url(http://elsewhere.test/x.css)</style>
</body></html>"""


def unharmed(browser: Browser) -> None:
    assert browser.driver.execute_script("return window.harmed") is None
    assert not browser.all("#desk img, #desk script, #desk iframe, #desk .katex, #desk a[href^=javascript]")
    assert browser.hosts() == {"127.0.0.1"}


def test_browser_shows_hostile_articles_as_text(
    browser: Browser, address: str, upload: Callable[..., str]
) -> None:
    browser.open(address)
    upload(hostile_md=HOSTILE, hostile2_txt=PLAIN, hostile3_html=PAGE)
    for question in (
        "怪塔的门牌号码是多少？",
        "怪井的深度是多少？",
        "怪桥的桥墩一共有多少个？",
        HARM.format("asked"),
    ):
        browser.ask(question)
    for number, title in enumerate(browser.texts("#shelf .article .title")):
        if "怪" in title or "onerror" in title:
            browser.driver.execute_script(
                "document.querySelectorAll('#shelf .article')[arguments[0]].click()", number
            )
            time.sleep(0.3)
    assert "onerror" in browser.text("#shelf .articles")
    assert browser.texts(".asked p")[-1] == HARM.format("asked")
    browser.act("#foot [data-act=statistics]")
    browser.wait(lambda: any("harmed" in line for line in browser.texts("#reader .plain li")))
    browser.driver.execute_script("for (const bin of document.querySelectorAll('.bin')) bin.click()")
    unharmed(browser)


def test_browser_shows_hostile_names_and_links_as_text(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    browser.open(f"{address}?q={quote(HARM.format('q'))}&article={quote(HARM.format('a'))}&at=<b>")
    browser.wait(
        lambda: browser.texts(".asked p") == [HARM.format("q")] and browser.all(".card:not(.waiting)")
    )
    name = "<img src=x onerror=window.harmed='name'>.md"
    (tmp_path / name).write_text("怪名的文章。")
    browser.one("#add input[type=file]").send_keys(str(tmp_path / name))
    browser.wait(lambda: "onerror" in browser.text("#report"))
    browser.one("#find input, #find textarea").send_keys("<img src=x onerror=window.harmed='find'>")
    time.sleep(1)
    unharmed(browser)


def test_browser_opens_a_line_of_a_megabyte(
    browser: Browser, address: str, upload: Callable[..., str]
) -> None:
    browser.open(address)
    upload(long_txt="怪" * 200_000 + "怪洞的长度是八百零一里。" + "x" * 1_000_000)
    browser.ask("怪洞的长度是多少？")
    browser.wait(lambda: browser.all("#reader mark.answer"), 60)
    assert "八百零一里" in browser.text("#reader mark.answer")
    browser.wait(lambda: browser.in_view("#reader mark.answer", "#reader .text"))
    width = browser.driver.execute_script("return document.documentElement.scrollWidth")
    assert width <= 1440
