"""Why a file was not taken, in the language of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.strings import Strings


def reason_in(words: Strings, reason: str, mend: str = "") -> str:
    """An error's ``reason``, and what mends it, in the language of ``words``; as it is where it has none."""
    if words.code == "zh":
        for pattern, chinese in _CHINESE:
            match = pattern.fullmatch(reason)
            if match:
                return chinese.format(*match.groups())
    return f"{reason} ({mend})" if mend else reason


_CHINESE = tuple(
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in (
        (r"the file is empty", "文件是空的"),
        (r"the page is empty", "网页是空的，请在浏览器里重新保存"),
        (r"there is no text in it", "文件里没有文字"),
        (r"(\.\S+) files are not supported", "不支持 {} 文件"),
        (r"its name has no suffix", "文件名没有后缀，看不出是哪种文件"),
        (r"its name is not in Unicode", "文件名不是 Unicode，请改名"),
        (r"it has (\d+) bytes, more than (\d+)", "文件有 {} 字节，超过了 {} 字节，请拆成几个"),
        (r"it cannot be parsed \((.*)\)", "文件读不懂，请用原来的程序打开后重新保存（{}）"),
        (r"the package (\S+) is not installed", "缺少软件包 {0}：pip install {0}"),
        (r"it is encrypted, and .*", "PDF 加了密，要先安装：pip install 'pypdf[crypto]'"),
        (r"the PDF has a password", "PDF 有密码，请另存一份没有密码的"),
        (r"the PDF is broken", "PDF 已损坏，请用阅读器打开后重新保存或打印"),
        (
            r"none of its (\d+) pages has a text layer.*",
            "PDF 的 {} 页都没有文字层，是扫描件或空白，请先做文字识别",
        ),
        (r"the Word document is broken", "Word 文档已损坏，请用 Word 打开后重新保存"),
        (r"it is an old Word document or has a password", "是旧版 Word 文档或有密码，请用 Word 另存为 .docx"),
        (r"unpacked it has (\d+) bytes", "解开后有 {} 字节，请拆开文档或去掉图片"),
        (r"its bytes are not text in any encoding.*", "看不出文字编码，请另存为 UTF-8"),
        (r"it is a binary file, not text", "不是文本文件，请改成正确的后缀"),
        (r"it cannot be read \((.*)\)", "文件打不开（{}）"),
        (r"its text, name or metadata are not valid Unicode.*", "文字、名字或文章信息不是有效的 Unicode"),
        (r"its metadata are no JSON values.*", "文章信息（front matter）里有不能保存的值"),
        (r".*is writing to it.*", "文章库正在被另一个程序更新，请稍后再试"),
        (r".*(?:disk is full|No space left|free disk space).*", "磁盘满了，请腾出空间再试"),
        (r".*it cannot be written to.*", "文章库写不进去，请检查它的权限和磁盘空间"),
    )
)
