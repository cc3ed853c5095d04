from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from qa.training import manuals

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LIGHT = (
    "The lighthouse was lit for the first time on a stormy night, and the keeper stayed awake until morning."
)
HARBOUR = (
    "Nobody in the harbour had expected the ferry to come back before the end of the long winter that year."
)
PROSE = [
    f"{LIGHT} {HARBOUR} In chapter {word} of the story they all meet again."
    for word in ("one", "two", "three")
]


def test_training_manuals_prose_is_what_people_write() -> None:
    assert manuals.prose(LIGHT)
    assert not manuals.prose(LIGHT[:59])
    assert not manuals.prose("int main(void) { return 0; } // {{{ ((( ))) }}} 0x00 0x01 0x02 0x03 0x04 0x05")
    assert not manuals.prose("这座灯塔在一个暴风雨的夜里第一次点亮，看守人一直醒到天明。" * 3)


def test_training_manuals_reads_every_kind_of_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paragraphs = "".join(f"<p>{each}</p>" for each in PROSE)
    page = f"<html><head><title>Lights</title></head><body><pre>{LIGHT}</pre>{paragraphs}<p>short</p>{paragraphs}</body></html>"
    put(tmp_path / "anarchism" / "doc" / "a.html", page)
    put(tmp_path / "anarchism" / "doc" / "empty.html", "")
    put(tmp_path / "python3.11-doc" / "html" / "library" / "genindex.html", page)
    mallard = "".join(f"<p>{each}</p>" for each in PROSE)
    put(
        tmp_path / "gnome-user-docs" / "help" / "C" / "x" / "b.page",
        f'<page xmlns="http://projectmallard.org/1.0/"><title>Sound <em>on</em></title>{mallard}</page>',
    )
    put(tmp_path / "gnome-user-docs" / "help" / "C" / "x" / "broken.page", "<page><title>")
    put(tmp_path / "perl-doc" / "perl.pod", "=head1 NAME\n\n" + "\n\n".join(PROSE))
    put(tmp_path / "fortunes" / "usr" / "share" / "games" / "fortunes" / "wise", "\n%\n".join(PROSE))
    put(tmp_path / "fortunes" / "usr" / "share" / "games" / "fortunes" / "wise.dat", "\n%\n".join(PROSE))
    out = tmp_path / "english.jsonl"
    assert manuals.main(["--packages", str(tmp_path), "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(row["set"], row["title"]) for row in rows] == [
        ("anarchism", "Lights"), ("gnome-user-docs", "Sound on"), ("perl-doc", ""), ("fortunes", "wise"),
    ]  # fmt: skip
    assert all(row["text"].splitlines() == PROSE for row in rows)  # what comes twice in a page stands once
    told = capsys.readouterr().err
    assert "no entries of wordnet-base are in" in told
    assert "sqlite3-doc is missing" in told
    assert "anarchism is missing" not in told


def test_training_manuals_lists_in_lists_stand_once_and_a_page_may_have_no_title(tmp_path: Path) -> None:
    put(
        tmp_path / "a.html", f"<title>Of\n lights</title><ul><li>{LIGHT}<ul><li>{HARBOUR}</li></ul></li></ul>"
    )
    assert manuals.html_page(tmp_path / "a.html") == ("Of lights", [HARBOUR])
    put(tmp_path / "b.page", f"<page><p>{LIGHT}</p></page>")
    assert manuals.mallard_page(tmp_path / "b.page") == ("", [LIGHT])


def test_training_manuals_without_a_package_fails(tmp_path: Path) -> None:
    assert (
        manuals.main(["--packages", str(tmp_path / "none"), "--out", str(tmp_path / "new" / "e.jsonl")]) == 2
    )


def test_training_manuals_reads_dictionaries_by_the_bundle(tmp_path: Path) -> None:
    line = '00001740 03 n 01 sea_light 0 001 @ 00002137 n 0000 | a light at sea; "they saw the light"\n'
    put(tmp_path / "wordnet-base" / "dict" / "data.noun", "  1 This is a licence | not a word\n" + line * 61)
    assert len(manuals.meanings(tmp_path / "wordnet-base")) == 61
    assert set(manuals.meanings(tmp_path / "wordnet-base")) == {
        'sea light: a light at sea; "they saw the light"'
    }
    path = tmp_path / "dict-jargon" / "usr" / "share" / "dictd" / "jargon.dict.dz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("\n\n".join(["short", *PROSE]).encode()))
    assert manuals.entries(tmp_path / "dict-jargon") == PROSE
    found = list(manuals.bundles("Words", iter("abcdefgh"), 2, 5))
    assert found == [
        ("Words", ["a", "b"]),
        ("Words", ["c", "d"]),
        ("Words", ["e", "f"]),
    ]  # six are more than five
    assert list(manuals.bundles("Words", iter("abc"), 2, 5)) == [("Words", ["a", "b"]), ("Words", ["c"])]
    assert [name for name, _ in manuals.manuals(tmp_path, str)] == [
        "wordnet-base",
        "wordnet-base",
        "dict-jargon",
    ]


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
