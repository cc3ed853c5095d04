import json
import os
import sqlite3
import subprocess
import sys
import time

import pytest
from fakes import FakeEmbedder
from libraries import write

from embeddings.__main__ import main
from embeddings.folder import writer


def _fake(name=None, **_):
    return FakeEmbedder(version="1" if name in (None, "fake") else name)


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.encode.embedder", _fake)
    write(tmp_path / "a", {"甲.md": "# 甲\n\n长城。", "乙.md": "# 乙\n\n黄河。", "空.md": ""})
    return str(tmp_path / "library")


def test_embeddings_cli_syncs_and_tells_each_article(tmp_path, library, capsys):
    folder = tmp_path / "a"
    assert main(["sync", str(folder), "--library", library]) == 1  # 空.md failed
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"! {folder}/空.md  the file is empty")
    assert out[1:3] == [f"+ {folder}/乙.md", f"+ {folder}/甲.md"]
    assert out[3] == "2 added, 0 changed, 0 removed, 0 unchanged, 1 failed; 2 passages embedded, 0 reused"
    (folder / "空.md").unlink()
    (folder / "甲.md").unlink()
    (folder / "乙.md").write_text("# 乙\n\n黄河入海。", "utf-8")
    assert main(["sync", str(folder), "--library", library]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [f"~ {folder}/乙.md", f"- {folder}/甲.md"]
    assert main(["sync", str(folder), "--library", library, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1


def test_embeddings_cli_status_verify_remove_rebuild(tmp_path, library, capsys):
    folder = tmp_path / "a"
    main(["sync", str(folder), "--library", library, "--quiet"])
    capsys.readouterr()
    assert main(["status", "--library", library, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["articles"], status["passages"], status["model"], status["dimension"]) == (2, 2, "fake", 8)
    assert (status["folders"], status["indexes"]) == ([str(folder)], "up to date")
    assert main(["status", "--library", library]) == 0
    assert "articles   2\n" in capsys.readouterr().out
    assert main(["verify", "--library", library]) == 0
    assert main(["remove", f"{folder}/甲.md", "nothing", "--library", library]) == 1
    assert "! nothing  there is no such article" in capsys.readouterr().out
    assert main(["rebuild", "--library", library, "--model", "fake"]) == 0
    capsys.readouterr()
    assert main(["rebuild", "--library", library, "--model", "2"]) == 0
    assert "1 added" in capsys.readouterr().out
    (tmp_path / "library" / "2" / "index.json").write_text("{")
    assert main(["verify", "--library", library]) == 1
    out = capsys.readouterr().out
    assert "index.json cannot be read" in out
    assert f"to mend it, run: python -m embeddings rebuild --library {library}\n" in out
    assert "if problems remain, move the folder away, then run: python -m embeddings sync" in out
    assert "the library's model is not here" in out  # "fake" is now of version 1 again
    assert main(["rebuild", "--library", library, "--model", "2"]) == 0
    assert main(["verify", "--library", library]) == 0


def test_embeddings_cli_verify_names_the_article_and_rebuild_mends_it(tmp_path, library, capsys, monkeypatch):
    monkeypatch.setattr("embeddings.verify.SAMPLE", 1)
    main(["sync", str(tmp_path / "a"), "--library", library, "--quiet"])
    assert main(["verify", "--library", library]) == 0
    out = capsys.readouterr().out
    assert out.endswith(
        "no problems found\nterms and vectors of 1 of 2 passages were compared with their texts\n"
    )
    monkeypatch.undo()
    monkeypatch.setattr("embeddings.encode.embedder", _fake)
    connection = sqlite3.connect(tmp_path / "library" / "1" / "store.sqlite")
    connection.execute("UPDATE embedded SET vector = (SELECT vector FROM embedded WHERE passage = 2)")
    connection.commit()
    connection.close()
    assert main(["verify", "--library", library, "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem == f"{tmp_path}/a/乙.md: passage 1: its vector is not that of its text"
    assert main(["rebuild", "--library", library]) == 0
    assert f"~ {tmp_path}/a/乙.md" in capsys.readouterr().out
    assert main(["verify", "--library", library]) == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_embeddings_cli_goes_on_when_nobody_reads_its_output(tmp_path):
    write(tmp_path / "a", {f"{i:03}.md": f"第{i}篇。" for i in range(80)} | {"空.md": ""})
    command = [sys.executable, "-m", "embeddings", "sync", str(tmp_path / "a")]
    command += ["--library", str(tmp_path / "library")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1  # 空.md failed
    done = subprocess.run([*command[:3], "status", *command[-2:], "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["articles"] == 80


def test_embeddings_cli_errors_are_one_line(tmp_path, library, capsys):
    for arguments, expected in [
        (["status"], "there is no library here -- run: python -m embeddings sync"),
        (["verify"], "there is no library here"),
        (["remove", "x"], "there is no library here"),
        (["rebuild"], "there is no library here"),
        (["sync", str(tmp_path / "none")], "there is no such file or folder"),
    ]:
        assert main([*arguments, "--library", library]) == 2
        error = capsys.readouterr().err
        assert expected in error
        assert error.count("\n") == 1
    assert not (tmp_path / "library").exists()
    main(["sync", str(tmp_path / "a"), "--library", library])
    capsys.readouterr()
    with writer(tmp_path / "library"):
        assert main(["sync", str(tmp_path / "a"), "--library", library]) == 2
    assert f"process {os.getpid()} is writing to it" in capsys.readouterr().err
    assert main(["sync", str(tmp_path / "a"), "--library", library, "--model", "other"]) == 2
    assert "--model fake" in capsys.readouterr().err


def test_embeddings_cli_interrupted_says_what_is_kept(tmp_path, library, capsys, monkeypatch):
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 1)
    encode = FakeEmbedder.encode_passages

    def interrupt(self, texts, progress=None):
        if "甲" in texts[0]:
            raise KeyboardInterrupt
        return encode(self, texts, progress)

    monkeypatch.setattr(FakeEmbedder, "encode_passages", interrupt)
    assert main(["sync", str(tmp_path / "a"), "--library", library]) == 130
    assert "interrupted: 1 articles were stored and are kept" in capsys.readouterr().err
    assert main(["verify", "--library", library]) == 0


def test_embeddings_cli_help_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, embeddings.__main__, embeddings.update, embeddings.library, embeddings.rebuild;"
        "print([m for m in ('numpy', 'faiss', 'tantivy', 'jieba', 'tqdm', 'torch') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "embeddings", "--help"], capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - began < 5  # a loaded machine; the bar of a second is measured by hand
    assert all(command in done.stdout for command in ("sync", "status", "verify", "rebuild", "remove"))


def test_embeddings_cli_dry_run_ignore_and_renames(tmp_path, library, capsys):
    folder = tmp_path / "a"
    (folder / "空.md").unlink()
    arguments = ["sync", str(folder), "--library", library]
    assert main([*arguments, "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"+ {folder}/乙.md",
        f"+ {folder}/甲.md",
        "2 added, 0 changed, 0 removed, 0 unchanged, 0 failed; nothing was changed",
    ]
    assert not (tmp_path / "library").exists()
    main([*arguments, "--quiet"])
    (folder / "甲.md").rename(folder / "丙.md")
    (folder / "乙.md").write_text("# 乙\n\n改了。", "utf-8")
    capsys.readouterr()
    assert main([*arguments, "--dry-run", "--ignore", "乙*"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"- {folder}/乙.md",
        f"> {folder}/丙.md  was {folder}/甲.md",
        "  1 files and folders were left out by patterns to ignore",
        "0 added, 0 changed, 1 renamed, 1 removed, 0 unchanged, 0 failed; nothing was changed",
    ]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert f"> {folder}/丙.md  was {folder}/甲.md\n" in out
    assert (
        "0 added, 1 changed, 1 renamed, 0 removed, 0 unchanged, 0 failed; 1 passages embedded, 1 reused"
        in out
    )


def test_embeddings_cli_export_and_import(tmp_path, library, capsys):
    folder, file, copy = tmp_path / "a", tmp_path / "out.jsonl", str(tmp_path / "copy")
    main(["sync", str(folder), "--library", library, "--quiet"])
    assert main(["export", "--library", library, str(file)]) == 0
    capsys.readouterr()
    assert main(["export", "--library", library]) == 0
    assert capsys.readouterr().out == file.read_text("utf-8")
    assert main(["import", "--library", copy, str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 added, 0 changed, 0 removed")
    assert main(["verify", "--library", copy]) == 0
    assert main(["import", "--library", copy, str(file)]) == 2
    assert "there is a library already -- name a new folder" in capsys.readouterr().err
    assert main(["import", "--library", str(tmp_path / "new"), str(tmp_path / "missing")]) == 2
    assert "missing: it cannot be read" in capsys.readouterr().err
    file.write_bytes("不是".encode("gb18030"))
    assert main(["import", "--library", str(tmp_path / "new"), str(file)]) == 2
    assert "it is not UTF-8 text" in capsys.readouterr().err


def test_embeddings_cli_segmenter_is_shown_and_changed(tmp_path, library, capsys):
    folder = tmp_path / "a"
    main(["sync", str(folder), "--library", library, "--quiet", "--segmenter", "rjieba"])
    capsys.readouterr()
    assert main(["status", "--library", library, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["segmenter"], status["search"]) == ("rjieba", "exact")
    assert main(["rebuild", "--library", library, "--segmenter", "jieba"]) == 0
    assert "0 passages embedded, 2 reused" in capsys.readouterr().out
    assert main(["verify", "--library", library]) == 0
