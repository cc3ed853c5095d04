"""Does what its stdin asks, each time in a fork that may kill itself at a write step; tests only.

A line in: {"do", "library", "folder", "kill" (step, from 1; 0: never), "log", "version"}. A line out:
"ready", then [exit code, steps, seconds] of each. The parent of the forks never runs FAISS, whose
threads would not survive a fork.
"""

import contextlib
import json
import os
import signal
import sqlite3
import sys
import time

import faiss  # noqa: F401
import numpy as np  # noqa: F401
import tantivy  # noqa: F401
from fakes import FakeEmbedder
from libraries import SMALL

import embeddings.take
from embeddings.lexical import Lexical
from embeddings.nearest import Nearest
from embeddings.rebuild import rebuild
from embeddings.update import remove, sync
from embeddings.words import words


class Counting(FakeEmbedder):
    """Notes in a file how many passages it has encoded."""

    log = ""

    def encode_passages(self, texts, progress=None):
        with open(self.log, "a") as file:  # noqa: PTH123
            file.write(f"{len(texts)}\n")
        return super().encode_passages(texts, progress)


def main(wanted):
    steps = 0

    def step(*_):
        nonlocal steps
        steps += 1
        if steps == wanted["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function):
        def stepping(*values, **names):
            step()
            result = function(*values, **names)
            step()
            return result

        return stepping

    connect, reads = sqlite3.connect, ("SELECT", "PRAGMA")

    def traced(*values, **names):
        connection = connect(*values, **names)
        connection.set_trace_callback(
            lambda sql: step() if "checkpoint" in sql or not sql.startswith(reads) else None
        )
        return connection

    sqlite3.connect = traced
    os.replace = around(os.replace)
    Nearest.save = around(Nearest.save)
    Lexical.change = around(Lexical.change)
    embeddings.take.BATCH_ARTICLES = 3
    embedder = Counting(version=wanted["version"])
    embedder.log = wanted["log"]
    match wanted["do"]:
        case "sync":
            sync(wanted["library"], [wanted["folder"]], embedder, config=SMALL)
        case "remove":
            remove(wanted["library"], [f"{wanted['folder']}/0.md", f"{wanted['folder']}/1.md"])
        case "rebuild":
            rebuild(wanted["library"], embedder, config=SMALL)
        case "indexes":
            rebuild(wanted["library"])
    return steps


if __name__ == "__main__":
    words("你好")  # jieba's dictionary, once for all forks
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        reading, writing = os.pipe()
        began = time.perf_counter()
        pid = os.fork()
        if not pid:
            with contextlib.suppress(BaseException):
                os.write(writing, str(main(json.loads(line))).encode())
                os._exit(0)
            os._exit(1)
        os.close(writing)
        print(json.dumps(["started", pid]), flush=True)
        _, status = os.waitpid(pid, 0)
        told = os.read(reading, 20).decode()
        os.close(reading)
        seconds = time.perf_counter() - began
        print(json.dumps([os.waitstatus_to_exitcode(status), int(told or 0), seconds]), flush=True)
