"""Bytes of files to articles cut in passages, in this process or in others beside it.

Loading and segmenting take nearly all the time of a first sync, and need nothing of the library. A
process of its own is fed through pipes, and not forked: a fork of a program with threads may hang, and
a spawned one would import the program that uses us once more.
"""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, cast

from embeddings.chunk import split
from embeddings.errors import LoadError
from embeddings.load import load_bytes
from embeddings.recipe import above, embedded_text, pack_terms, text_hash
from embeddings.report import Failure
from embeddings.rows import why_not_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from embeddings.article import Article
    from embeddings.chunk import Chunk, ChunkConfig
    from embeddings.tokens import Cutter

FEW_FILES, FEW_BYTES = 32, 1_000_000
"""What is sent to a process at once, unless one file alone is larger."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A file to be loaded: its source, its name and what is in it."""

    source: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its passages; ``hashes`` name their texts; ``terms``, ``vectors`` and ``tokens`` (packed)
    are () where they have not been worked out.
    """

    article: Article
    chunks: Sequence[Chunk]
    hashes: Sequence[bytes]
    terms: Sequence[bytes] = ()
    vectors: Sequence[bytes] = ()
    tokens: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Preparation:
    """How articles are cut, and by whom their words are; ``cutter`` makes the tokens, if the embedder has one."""

    config: ChunkConfig
    segmenter: str
    cutter: Cutter | None = None

    def of(self, article: Article, *, with_terms: bool = False) -> Prepared:
        """The article with its passages."""
        chunks = split(article, self.config)
        texts = [(above(article, chunk), chunk.span.of(article.text)) for chunk in chunks]
        terms = [pack_terms(*text, self.segmenter) for text in texts] if with_terms else []
        return Prepared(article, chunks, [text_hash(*text) for text in texts], terms)

    def of_file(self, raw: Raw, *, with_terms: bool = False) -> Prepared | Failure:
        """The article in a file; a Failure says why there is none."""
        try:
            article = load_bytes(raw.data, raw.name, source=raw.source)
        except LoadError as error:
            return Failure(raw.source, error.reason + (f" -- {error.mend}" if error.mend else ""))
        if reason := why_not_stored(article):
            return Failure(raw.source, reason)
        return self.of(article, with_terms=with_terms)

    def of_files(self, raws: Sequence[Raw]) -> list[Prepared | Failure]:
        """What :meth:`of_file` gives for each, with terms, and with tokens where there is a cutter."""
        found = [self.of_file(raw, with_terms=True) for raw in raws]
        return [*self._with_tokens(found, self.cutter)] if self.cutter else found

    def _with_tokens(
        self, found: Sequence[Prepared | Failure], cutter: Cutter
    ) -> Iterator[Prepared | Failure]:
        """All passages are cut at once, which takes less time than an article after the other."""
        texts = [
            embedded_text(above(each.article, chunk), chunk.span.of(each.article.text))
            for each in found
            if isinstance(each, Prepared)
            for chunk in each.chunks
        ]
        tokens = iter(cutter.packed(texts))
        for each in found:
            if isinstance(each, Prepared):
                yield replace(each, tokens=[*islice(tokens, len(each.chunks))])
            else:
                yield each


class Workers:
    """Processes that prepare files, with their terms; what comes out keeps the order of what went in."""

    def __init__(self, count: int, preparation: Preparation) -> None:
        self._preparation = preparation
        self._threads = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[_Process | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        # So many that nobody waits while a batch is encoded and stored, or the indexes are saved.
        self._most = max(8 * count, 64)
        self._gathered: list[Raw] = []
        self._gathered_bytes = 0
        self._pending: deque[tuple[Future[list[Prepared | Failure]], int]] = deque()
        self._bytes = 0
        self._alive: set[_Process] = set()
        self._is_closed = False

    def put(self, raw: Raw) -> Iterator[Prepared | Failure]:
        """What has become ready; waits where too much is under way."""
        self._gathered.append(raw)
        self._gathered_bytes += len(raw.data)
        if len(self._gathered) >= FEW_FILES or self._gathered_bytes >= FEW_BYTES:
            self._send()
        while self._pending and (
            len(self._pending) > self._most or self._bytes > MOST_BYTES or self._pending[0][0].done()
        ):
            yield from self._next()

    def rest(self) -> Iterator[Prepared | Failure]:
        """All that is still under way."""
        self._send()
        while self._pending:
            yield from self._next()

    def close(self) -> None:
        """Ends the processes at once; what is under way is lost."""
        self._is_closed = True
        for process in list(self._alive):
            process.close()
        self._threads.shutdown(cancel_futures=True)
        for process in list(self._alive):  # started meanwhile
            process.close()

    def _send(self) -> None:
        if self._gathered:
            self._pending.append((self._threads.submit(self._prepared, self._gathered), self._gathered_bytes))
            self._bytes += self._gathered_bytes
            self._gathered, self._gathered_bytes = [], 0

    def _next(self) -> list[Prepared | Failure]:
        future, size = self._pending.popleft()
        self._bytes -= size
        return future.result()

    def _prepared(self, raws: list[Raw]) -> list[Prepared | Failure]:
        try:
            return self._by_process(raws)
        except _DEATHS:
            pass
        found: list[Prepared | Failure] = []
        for raw in [] if self._is_closed else raws:  # which of them was it?
            try:
                found += self._by_process([raw], fresh=True)
            except _DEATHS:
                found.append(Failure(raw.source, "the process that read it died -- look at this file"))
        return found

    def _by_process(self, raws: list[Raw], *, fresh: bool = False) -> list[Prepared | Failure]:
        process = self._idle.get()
        if process and fresh:  # it may have died of something else
            self._end(process)
            process = None
        try:
            process = process or self._started()
            found = process.prepared(raws) if process else self._preparation.of_files(raws)
        except BaseException:
            if process:
                self._end(process)
            self._idle.put(None)
            raise
        self._idle.put(process)
        return found

    def _started(self) -> _Process | None:
        """A new process; None where the system gives none."""
        try:
            process = _Process(self._preparation)
        except OSError:
            return None
        self._alive.add(process)
        return process

    def _end(self, process: _Process) -> None:
        process.close()
        self._alive.discard(process)


MOST_BYTES = 64_000_000
"""Of files that are under way at once, unless one file alone is larger."""

_DEATHS = (OSError, EOFError, ValueError, pickle.UnpicklingError)
"""What shows that the process at the other end of a pipe has died, or was ended (ValueError: a closed pipe)."""


class _Process:
    """A process beside this one, that does what :func:`serve` does."""

    def __init__(self, preparation: Preparation) -> None:
        start = (
            "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
            " from embeddings.prepare import serve; serve()"
        )
        self._process = subprocess.Popen(  # noqa: S603 -- this very program
            [sys.executable, "-c", start, json.dumps(sys.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._in, self._out = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        self._say(preparation)

    def prepared(self, raws: list[Raw]) -> list[Prepared | Failure]:
        """What :meth:`Preparation.of_files` gives; OSError or EOFError when the process has died."""
        self._say(raws)
        found: list[Prepared | Failure] = pickle.load(self._out)  # noqa: S301 -- our own process
        return found

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(OSError):  # what could not be sent any more
                pipe.close()

    def _say(self, what: object) -> None:
        pickle.dump(what, self._in)
        self._in.flush()


def serve() -> None:
    """Prepares what comes from stdin, until nothing comes any more: what :class:`Workers` starts."""
    import gc

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that started us says when it is over
    gc.freeze()
    gc.set_threshold(50_000)  # millions of small tuples, none of them in a cycle
    preparation: Preparation = pickle.load(sys.stdin.buffer)  # noqa: S301
    while True:
        try:
            raws: list[Raw] = pickle.load(sys.stdin.buffer)  # noqa: S301
        except EOFError:
            return
        pickle.dump(preparation.of_files(raws), sys.stdout.buffer)
        sys.stdout.buffer.flush()
