from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_engine import Flat

from embeddings.errors import FingerprintMismatch
from embeddings.library import Library
from qa.bring import bring, sample_library

if TYPE_CHECKING:
    from pathlib import Path


def test_bring_keeps_the_sample_library_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one, other = sample_library(tmp_path / "one"), sample_library(tmp_path / "other")
    assert one.parent == other.parent == tmp_path / "article-qa"
    assert one != other


def test_bring_makes_the_sample_library_anew_for_another_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, library = tmp_path / "articles", tmp_path / "library"
    folder.mkdir()
    (folder / "a.md").write_text("one article.")
    bring(library, folder, Flat("one"))
    assert "1 added" in capsys.readouterr().err
    with pytest.raises(FingerprintMismatch):
        bring(library, folder, Flat("two"))
    bring(library, folder, Flat("two"), anew=True)
    assert "1 unchanged" in capsys.readouterr().err
    assert len(Library.open(library, Flat("two")).snapshot()) == 1


def test_bring_lists_the_articles_that_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "empty.md").write_bytes(b"")
    bring(tmp_path / "library", folder, Flat("one"))
    said = capsys.readouterr().err
    assert "not added: " in said
    assert "empty.md: the file is empty" in said
    assert "1 failed" in said
