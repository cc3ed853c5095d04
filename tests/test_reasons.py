from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import load as loading
from embeddings.article import Article, Metadata
from embeddings.errors import LibraryBusy, LibraryError, LoadError
from embeddings.load import load_bytes
from embeddings.rows import why_not_stored
from qa.reasons import reason_in
from qa.strings import EN, ZH

if TYPE_CHECKING:
    from pathlib import Path


def no_pages(count: int) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def zipped(name: str, data: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, data)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.md", b"", "文件是空的"),
        ("a.md", b" \n", "文件是空的"),
        ("a.md", b"---\ntitle: x\n---\n", "文件里没有文字"),
        ("a.xyz", b"x", "不支持 .xyz 文件"),
        ("a.doc", b"x", "不支持 .doc 文件"),
        ("README", b"x", "文件名没有后缀，看不出是哪种文件"),
        ("\ud800.md", b"x", "文件名不是 Unicode，请改名"),
        ("a.txt", b"x\0\1\2" * 50, "不是文本文件，请改成正确的后缀"),
        ("a.pdf", b"%PDF-1.4 broken", "PDF 已损坏，请用阅读器打开后重新保存或打印"),
        ("a.pdf", no_pages(3), "PDF 的 3 页都没有文字层，是扫描件或空白，请先做文字识别"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"x" * 600, "是旧版 Word 文档或有密码，请用 Word 另存为 .docx"),
        ("a.docx", b"PK broken", "Word 文档已损坏，请用 Word 打开后重新保存"),
        ("a.docx", zipped("x", "y"), "Word 文档已损坏，请用 Word 打开后重新保存"),
    ],
)
def test_reasons_of_files_are_said_in_chinese(name: str, data: bytes, said: str) -> None:
    with pytest.raises(LoadError) as caught:
        load_bytes(data, name)
    error = caught.value
    assert reason_in(ZH, error.reason, error.mend) == said
    assert reason_in(EN, error.reason, error.mend) == f"{error.reason} ({error.mend})"


def test_reasons_a_file_can_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LARGEST_FILE", 10)
    with pytest.raises(LoadError) as caught:
        load_bytes(b"x" * 11, "a.md")
    assert reason_in(ZH, caught.value.reason) == "文件有 11 字节，超过了 10 字节，请拆成几个"


def test_reasons_a_parser_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(data: bytes, source: str) -> None:
        raise RuntimeError("bad {0} at\nline 3")

    def lacks(data: bytes, source: str) -> None:
        raise ImportError("no docx", name="docx")

    for function, said in (
        (fails, "文件读不懂，请用原来的程序打开后重新保存（RuntimeError: bad {0} at\nline 3）"),
        (lacks, "缺少软件包 python-docx：pip install python-docx"),
    ):
        monkeypatch.setattr(loading, "_loader", lambda name, source, function=function: function)
        with pytest.raises(LoadError) as caught:
            load_bytes(b"x", "a.md")
        assert reason_in(ZH, caught.value.reason, caught.value.mend) == said


@pytest.mark.parametrize(
    ("article", "said"),
    [
        (Article("a", "\ud800", "x", "a.md"), "文字、名字或文章信息不是有效的 Unicode"),
        (
            Article("a", "t", "x", "a.md", Metadata(extra={"x": object()})),
            "文章信息（front matter）里有不能保存的值",
        ),
    ],
)
def test_reasons_of_articles_are_said_in_chinese(article: Article, said: str) -> None:
    assert reason_in(ZH, why_not_stored(article)) == said


def test_reasons_of_a_library_are_said_in_chinese(tmp_path: Path) -> None:
    busy = LibraryBusy(str(tmp_path), "process 7 is writing to it", "wait until it has finished")
    assert reason_in(ZH, str(busy)) == "文章库正在被另一个程序更新，请稍后再试"
    closed = LibraryError(
        str(tmp_path), "it cannot be written to: [Errno 13] Permission denied", "check its permissions"
    )
    assert reason_in(ZH, str(closed)) == "文章库写不进去，请检查它的权限和磁盘空间"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("it cannot be read (Permission denied)", "文件打不开（Permission denied）"),
        ("unpacked it has 600000000 bytes", "解开后有 600000000 字节，请拆开文档或去掉图片"),
        ("the page is empty", "网页是空的，请在浏览器里重新保存"),
        ("the PDF has a password", "PDF 有密码，请另存一份没有密码的"),
        (
            "it is encrypted, and reading it takes another package",
            "PDF 加了密，要先安装：pip install 'pypdf[crypto]'",
        ),
        ("its bytes are not text in any encoding that can be told", "看不出文字编码，请另存为 UTF-8"),
    ],
)
def test_reasons_are_said_in_chinese(reason: str, said: str) -> None:
    assert reason_in(ZH, reason, "some help") == said


@pytest.mark.parametrize("reason", ["the file is empty, nearly", "The file is empty", "something new", ""])
def test_reasons_unknown_ones_stay_as_they_are(reason: str) -> None:
    assert reason_in(ZH, reason) == reason
    assert reason_in(ZH, reason, "try again") == f"{reason} (try again)"


@given(st.text(), st.text())
def test_reasons_are_as_they_are_in_english(reason: str, mend: str) -> None:
    assert reason_in(EN, reason, mend) == (f"{reason} ({mend})" if mend else reason)


@given(st.text())
def test_reasons_show_what_a_parser_said_as_it_is(said: str) -> None:
    shown = reason_in(ZH, f"it cannot be parsed ({said})")
    assert re.sub(r"^.*?（|）$", "", shown, count=2, flags=re.DOTALL) == said
