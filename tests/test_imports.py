"""Which way imports go, and that nothing heavy is imported before it is needed."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parents[1]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    ("package", "forbidden"), [("embeddings", {"qa", "app", "gradio"}), ("qa", {"app", "gradio"})]
)
def test_imports_go_one_way(package, forbidden):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = [(path.name, name) for path in files for name in imported(path) if name in forbidden]
    assert wrong == []


def test_imports_every_public_name_of_qa_is_there():
    for name in qa.__all__:
        assert getattr(qa, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = qa.nothing_like_it


HEAVY = [
    "numpy",
    "faiss",
    "torch",
    "gradio",
    "jieba",
    "sentence_transformers",
    "tantivy",
    "opencc",
    "transformers",
]


@pytest.mark.parametrize(
    "arguments", [["-c", "import qa"], ["-m", "qa", "--help"], ["-m", "embeddings", "--help"]]
)
def test_imports_nothing_heavy_before_it_is_needed(arguments):
    script = (
        "import sys, json, runpy, contextlib, io\n"
        f"arguments = {arguments!r}\n"
        "sys.argv = arguments[1:] if arguments[0] == '-m' else ['x']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    runpy.run_module(arguments[1], run_name='__main__') if arguments[0] == '-m' else exec(arguments[1])\n"
        f"print(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert json.loads(done.stdout) == []
