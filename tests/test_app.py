from __future__ import annotations

from typing import TYPE_CHECKING

from fake_engine import FakeEngine, FakeLibrary, article

import app
from qa.desk import Desk
from qa.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_app_builds_a_page_that_many_may_use_at_once(tmp_path: Path) -> None:
    library = FakeLibrary([article("a", "甲。")], tmp_path)
    page = app.build(Desk(FakeEngine(library), Settings(at_once=7)))
    assert page._queue.default_concurrency_limit == 7
    assert all(fn.api_visibility == "private" for fn in page.fns.values())
    assert {fn.trigger_mode for fn in page.fns.values() if fn.name in ("ask", "act")} == {"multiple"}


def test_app_says_in_one_line_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nothing here")
    assert app.main([missing, "--library", str(tmp_path / "library")]) == 1
    error = capsys.readouterr().err
    assert "nothing here" in error
    assert error.count("\n") == 1
    assert app.main(["--library", missing]) == 1
    assert "there is no library here" in capsys.readouterr().err


def test_app_watches_only_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--watch"]) == 1
    assert "it needs a FOLDER to watch" in capsys.readouterr().err
