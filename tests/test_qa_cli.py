"""The terminal, as whole processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from libraries import write

from embeddings.encode import embedder
from embeddings.update import sync
from qa.__main__ import main
from qa.asked import Asked
from qa.engine import Engine
from qa.evaluation import read_examples
from qa.reply import Reply

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    text = "---\ntitle: 长江大桥\nauthor: 李四\ndate: 2020-01-02\n---\n武汉长江大桥于1957年10月15日建成通车。"
    sync(folder / "library", [write(folder / "articles", {"a.md": text})], embedder())
    return folder / "library"


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "qa", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        encoding="utf-8",
    )


def test_qa_cli_ask_prints_answer_and_source(library):
    done = run("ask", "武汉长江大桥是哪一年建成通车的？", "--library", library)
    assert done.returncode == 0
    assert "1957年" in done.stdout
    assert "长江大桥 · 李四 · 2020-01-02" in done.stdout
    assert done.stderr == ""


def test_qa_cli_ask_json_is_one_documented_object(library):
    done = run("ask", "武汉长江大桥是哪一年建成通车的？", "--library", library, "--json")
    held = json.loads(done.stdout)
    assert held["answered"] is True
    answer = held["answers"][0]
    assert set(answer["article"]) == {"id", "title", "author", "date", "source"}
    start, end = answer["span"]
    assert end - start == len(answer["text"])
    assert held["hits"][0]["lexical_rank"] == 1


def test_qa_cli_ask_takes_several_questions_for_a_conversation(library):
    done = run(
        "ask", "武汉长江大桥是哪一年建成通车的？", "这篇文章是谁写的？", "--library", library, "--json"
    )
    held = json.loads(done.stdout)
    assert held["question"] == "这篇文章是谁写的？"
    assert [answer["text"] for answer in held["answers"]] == ["李四"]


def test_qa_cli_small_talk_is_nothing_that_a_question_refers_to(monkeypatch, capsys):
    heard = []

    class Talker:
        def ask(self, question, said, _where):
            heard.append([exchange.question for exchange in said])
            return Reply(question, question, False, (), (), remark="你好！" if question == "你好" else "")

    monkeypatch.setattr(Engine, "open", lambda *_, **__: Talker())
    main(["ask", "桥有多长？", "你好", "它在哪里？"])
    assert heard == [[], ["桥有多长？"], ["桥有多长？"]]
    assert capsys.readouterr().out


@pytest.mark.parametrize("command", ["ask", "search"])
def test_qa_cli_keeps_to_a_restriction(library, command):
    within = run(
        command, "武汉长江大桥", "--library", library, "--since", "2020", "--author", "李四", "--json"
    )
    assert json.loads(within.stdout)["hits"]
    beyond = run(command, "武汉长江大桥", "--library", library, "--since", "2021", "--json")
    assert beyond.returncode == 3
    assert json.loads(beyond.stdout)["hits"] == []


def test_qa_cli_no_answer_has_its_own_exit_code(library):
    done = run("ask", "火星上有多少只企鹅？", "--library", library)
    assert done.returncode == 3
    assert "没有说" in done.stdout


@pytest.mark.parametrize("question", ["", "   "])
def test_qa_cli_an_empty_question_is_one_clear_line(library, question):
    done = run("ask", question, "--library", library)
    assert (done.returncode, done.stderr) == (2, "error: the question is empty\n")


def test_qa_cli_a_missing_library_names_the_command(tmp_path):
    done = run("ask", "谁？", "--library", tmp_path / "none")
    assert done.returncode == 2
    assert "python -m embeddings sync" in done.stderr
    assert "Traceback" not in done.stderr


def test_qa_cli_search_shows_why(library):
    done = run("search", "长江大桥", "--library", library, "--json")
    (hit,) = json.loads(done.stdout)["hits"]
    assert (hit["dense_rank"], hit["lexical_rank"]) == (1, 1)
    assert done.returncode == 0
    assert "lexical 1" in run("search", "长江大桥", "--library", library).stdout


def test_qa_cli_evaluate_prints_figures(tmp_path):
    rows = [
        {"id": 1, "title": "桥", "context": "武汉长江大桥于1957年建成通车。", "question": "武汉长江大桥哪年建成？", "answers": [{"text": "1957年", "start": 7}]},
        {"id": 2, "title": "茶", "context": "绿茶用高温杀青。它产自浙江。", "question": "绿茶产自哪里？", "answers": [{"text": "浙江", "start": 11}]},
    ]  # fmt: skip
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    done = run("evaluate", file, "--json")
    held = json.loads(done.stdout)
    assert held["n"] == 2
    assert held["retrieval"]["recall@1"] == 1.0
    assert set(held) == {"n", "retrieval", "reading", "open", "no_answer"}
    assert held["reading"]["sentence"] >= 0.5


def test_qa_cli_evaluate_names_a_broken_file(tmp_path):
    (tmp_path / "x.json").write_text("{", "utf-8")
    done = run("evaluate", tmp_path / "x.json")
    assert done.returncode == 2
    assert "x.json" in done.stderr


def test_qa_cli_a_question_with_broken_bytes_is_asked_all_the_same(library):
    question = "\udcff武汉长江大桥是哪一年建成通车的？"  # how Python hands on the byte ff
    done = subprocess.run(
        [sys.executable, "-m", "qa", "ask", question, "--library", library, "--json"],
        check=False, capture_output=True, cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "utf-8:strict", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["question"] == "?武汉长江大桥是哪一年建成通车的？"


@pytest.mark.parametrize("k", ["0", "-1", "two"])
def test_qa_cli_a_wrong_count_is_a_usage_error(library, k):
    done = run("search", "桥", "--library", library, "-k", k)
    assert done.returncode == 2
    assert f"'{k}' is not a whole number from 1" in done.stderr


def test_qa_cli_help_names_its_commands():
    done = run("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("ask", "search", "evaluate"))


def test_qa_cli_tells_and_exports_what_was_asked(library, tmp_path):
    engine, asked = Engine.open(library), Asked(library)
    reply = engine.ask("武汉长江大桥是哪一年建成通车的？")
    asked.judge(asked.record(reply, 30.0), True, reply)
    asked.record(engine.ask("月亮上有几座桥？"), 50.0)
    done = run("asked", "--library", library)
    assert done.returncode == 0
    assert "last 30 days: 2 questions" in done.stdout
    assert "judged right 1, wrong 0" in done.stdout
    assert "median 30 ms, 95 % below 50 ms" in done.stdout
    assert json.loads(run("asked", "--library", library, "--json").stdout)["asked"] == 2
    exported = run("export", "squad", "--library", library).stdout
    (tmp_path / "mine.json").write_text(exported, "utf-8")
    (example,) = read_examples(tmp_path / "mine.json")
    assert example.question == "武汉长江大桥是哪一年建成通车的？"
    text, start = example.answers[0]
    assert example.context[start : start + len(text)] == text == reply.answers[0].text
    assert (
        run("export", "qrels", "--library", library).stdout == f"1 0 {reply.answers[0].source.article.id} 1\n"
    )
    assert run("export", "queries", "--library", library).stdout == "1\t武汉长江大桥是哪一年建成通车的？\n"
    measured = run("evaluate", tmp_path / "mine.json", "--reading", "--json")
    assert json.loads(measured.stdout)["n"] == 1


def test_qa_cli_has_no_record_of_a_library_that_is_not_there(tmp_path):
    done = run("asked", "--library", tmp_path / "nothing")
    assert done.returncode == 2
    assert "there is no library here" in done.stderr
    assert not (tmp_path / "nothing").exists()
