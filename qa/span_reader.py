"""The bundled span reader: a question and passages in, spans with their evidence out. NumPy alone.

The network reads a passage once per question: embeddings of characters and words, how they match
the question (``qa.span_features``), gated convolutions (Dauphin et al., 2017), and a value for
every span that competes with "nothing here". ``qa.training`` trains it and writes its folder:
``reader.json`` (sizes and words) and ``reader.safetensors`` (weights).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embeddings.errors import ModelError
from embeddings.words import fold
from qa.lexicon import CHAR_CLASSES, Lexicon, Tokens
from qa.reading import NOTHING, Evidence, reading_of
from qa.span_features import PAIR_FEATURES, QUESTION_FEATURES, Pair, pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qa.reading import SpanReading

    Floats = NDArray[np.float32]
    Weights = dict[str, Floats]

BUNDLED = Path(__file__).parent / "models" / "reader"
_TRAIN = "train it again with `python -m qa.training`, or install the package again"


@dataclass(frozen=True)
class Shape:
    """The sizes of a reader's network; ``longest`` and ``window`` are tokens, ``across`` counts blocks over
    sentences.
    """

    chars: int
    words: int
    char_dim: int = 96
    word_dim: int = 96
    dim: int = 160
    align: int = 96
    width: int = 7
    encoder: int = 2
    reader: int = 4
    rank: int = 32
    across: int = 0
    longest: int = 64
    window: int = 512


class _Window(NamedTuple):
    passage: int
    rows: slice
    tokens: Tokens
    match: Pair


class SpanReader:
    """Reads with the weights in ``folder``, by default the bundled ones; they load at the first question.

    Raises :class:`ModelError` when they are missing or broken.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or BUNDLED

    @property
    def name(self) -> str:
        """ "bundled", or the folder."""
        return "bundled" if self._folder == BUNDLED else str(self._folder)

    @cached_property
    def _model(self) -> tuple[Shape, Lexicon, Weights]:
        return bundled() if self._folder == BUNDLED else load(self._folder)

    def understands(self, question: str) -> bool:
        """Whether the question has Chinese characters or Latin letters: the bundled reader learnt from Chinese
        questions, and from a few English ones.
        """
        return any("\u4e00" <= char <= "\u9fff" or "a" <= char <= "z" for char in fold(question))

    def read(self, question: str, passages: Sequence[str], headings: Sequence[str] = ()) -> list[SpanReading]:
        """One reading a passage, in order. A passage or question without any token has no spans."""
        shape, lexicon, weights = self._model
        asked = lexicon.tokens(fold(question))
        windows: list[_Window] = []
        for i, text in enumerate(passages):
            tokens = lexicon.tokens(fold(text))
            if tokens.key and asked.key:
                heading = lexicon.tokens(fold(headings[i])) if headings else None
                match = pair(lexicon, asked, tokens, heading)
                windows += [_Window(i, rows, tokens, match) for rows in _windows(tokens, shape)]
        found: list[list[Evidence]] = [[] for _ in passages]
        nulls: list[list[float]] = [[] for _ in passages]
        for window, (margins, null) in zip(windows, _forward(shape, weights, asked, windows), strict=True):
            start, end = window.tokens.start[window.rows], window.tokens.end[window.rows]
            found[window.passage].append(Evidence(margins, start, end))
            nulls[window.passage].append(null)
        return [
            reading_of(held, float(np.mean(own))) if held else NOTHING
            for held, own in zip(found, nulls, strict=True)
        ]


@lru_cache(maxsize=1)
def bundled() -> tuple[Shape, Lexicon, Weights]:
    """What :func:`load` gives for the reader in the package, loaded once."""
    return load(BUNDLED)


def load(folder: Path) -> tuple[Shape, Lexicon, Weights]:
    """The network's sizes, its words and its weights (float32) as they lie in ``folder``."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        facts = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        shape = Shape(**facts["shape"])
        stored = load_file(folder / "reader.safetensors")
        weights = {}
        for name, value in stored.items():
            if not name.endswith(".scale"):
                scale = stored.get(f"{name}.scale")
                weights[name] = value.astype(np.float32) * (1 if scale is None else scale.astype(np.float32))
        lexicon = Lexicon(
            {word: i for i, word in enumerate(facts["words"], 1)},
            {char: i for i, char in enumerate(facts["chars"], len(CHAR_CLASSES))},
            weights.pop("logp"),
            weights.pop("idf"),
            weights.pop("char_idf"),
        )
        for name, count in (("passage", PAIR_FEATURES), ("question", QUESTION_FEATURES)):
            # Features that came since the reader was trained weigh nothing in it.
            learnt = weights[f"{name}_features.weight"]
            weights[f"{name}_features.weight"] = np.pad(learnt, ((0, 0), (0, count - learnt.shape[1])))
        if shape.across and not {"gist.weight", "told.weight", "across.0.depth"} <= weights.keys():
            raise ModelError(str(folder), "the reader's weights lack the blocks over sentences", _TRAIN)
        if weights["word"].shape != (shape.words, shape.word_dim) or weights["char"].shape != (
            shape.chars,
            shape.char_dim,
        ):
            raise ModelError(str(folder), "the reader's sizes and weights do not belong together", _TRAIN)
    except FileNotFoundError as error:
        raise ModelError(
            str(folder), f"the reader's {Path(error.filename or 'files').name} is missing", _TRAIN
        ) from error
    except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(str(folder), f"the reader's files cannot be read ({error})", _TRAIN) from error
    return shape, lexicon, weights


def save(folder: Path, shape: Shape, lexicon: Lexicon, weights: Weights) -> None:
    """Writes ``reader.json`` and ``reader.safetensors``: tables as bytes with a scale a row, the rest float16."""
    from safetensors.numpy import save as packed

    folder.mkdir(parents=True, exist_ok=True)
    stored: dict[str, NDArray[Any]] = {
        name: value.astype(np.float16) for name, value in weights.items() if name not in ("char", "word")
    }
    for name in ("char", "word"):
        scale = np.abs(weights[name]).max(1, keepdims=True) / 127 + 1e-8
        stored[name] = np.rint(weights[name] / scale).astype(np.int8)
        stored[f"{name}.scale"] = scale.astype(np.float32)
    stored |= {"logp": lexicon.logp, "idf": lexicon.idf, "char_idf": lexicon.char_idf}
    stored = {name: np.ascontiguousarray(value) for name, value in stored.items()}
    facts = {"shape": asdict(shape), "words": list(lexicon.words), "chars": list(lexicon.chars)}
    (folder / "reader.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    (folder / "reader.safetensors").write_bytes(packed(stored))


def _windows(tokens: Tokens, shape: Shape) -> list[slice]:
    """Ranges of tokens no longer than the window, cut at sentences where possible, sharing a quarter."""
    n, size = len(tokens.key), shape.window
    found = []
    start = 0
    while start + size < n:
        found.append(slice(start, start + size))
        start += size - size // 4
        first = int(np.searchsorted(tokens.sentence, tokens.sentence[start], "left"))
        start = first if first > found[-1].start + size // 2 else start
    return [*found, slice(start, n)]


def _forward(
    shape: Shape, w: Weights, asked: Tokens, windows: Sequence[_Window]
) -> list[tuple[Floats, float]]:
    """For each window the margins of its spans and its null logit.

    All windows stand in one matrix, with rows of zeros between them as the convolutions' padding.
    """
    if not windows:
        return []
    gap = shape.width // 2
    p_rows = _layout([w.rows.stop - w.rows.start for w in windows], gap)
    q_rows = _layout([len(asked.key)] * len(windows), gap)
    p_mask, q_mask = _mask(p_rows, gap), _mask(q_rows, gap)
    p_token = _rows([_embed(w, x.tokens.char[x.rows], x.tokens.word[x.rows]) for x in windows], p_rows, gap)
    q_token = _rows([_embed(w, asked.char, asked.word)] * len(windows), q_rows, gap)
    kind = w["kind"][windows[0].match.kind]

    p_key, q_key = np.maximum(_linear(w, "align", p_token), 0), np.maximum(_linear(w, "align", q_token), 0)
    aligned = _attend(p_key, q_key, q_token, p_rows, q_rows, shape.align)
    p = _linear(w, "token", p_token) + _linear(w, "aligned", aligned) + kind
    p += _linear(w, "passage_features", _rows([x.match.passage[x.rows] for x in windows], p_rows, gap))
    q = _linear(w, "token", q_token) + kind
    q += _linear(w, "question_features", _rows([x.match.question for x in windows], q_rows, gap))
    for i in range(shape.encoder):
        p, q = _block(w, f"encode.{i}", p, p_mask), _block(w, f"encode.{i}", q, q_mask)
    p, q = _norm(w, "encoded", p), _norm(w, "encoded", q)
    wholes = [_pooled(w, q[rows]) for rows in q_rows]
    near = _attend(_linear(w, "attend", p), q, q, p_rows, q_rows, shape.dim)
    whole = _rows(
        [np.repeat(v[None], r.stop - r.start, 0) for v, r in zip(wholes, p_rows, strict=True)], p_rows, gap
    )
    p = _linear(w, "fuse", np.concatenate([p, near, p * near, p * whole], 1))
    if shape.across:
        p += _across(shape, w, p, windows, p_rows)
    for i in range(shape.reader):
        p = _block(w, f"model.{i}", p, p_mask)
    p = _norm(w, "final", p)
    ends, left, right = _linear(w, "ends", p), _linear(w, "left", p), _linear(w, "right", p)
    found = []
    for rows, v in zip(p_rows, wholes, strict=True):
        null = float((_linear(w, "null", np.concatenate([p[rows].max(0), v])[None]))[0, 0])
        spans = _band(ends[rows], left[rows] / np.float32(shape.rank**0.5), right[rows], w["length"])
        found.append((spans - np.float32(null), null))
    return found


def _across(
    shape: Shape, w: Weights, p: Floats, windows: Sequence[_Window], p_rows: Sequence[slice]
) -> Floats:
    """What each token learns of the sentences around its own: the mean of each, convolved over sentences."""
    gist = np.maximum(_linear(w, "gist", p), 0)
    means, sizes = [], []
    for window, rows in zip(windows, p_rows, strict=True):
        starts = np.flatnonzero(np.diff(window.tokens.sentence[window.rows], prepend=-1))
        size = np.diff(np.append(starts, rows.stop - rows.start))
        summed: Floats = np.add.reduceat(gist[rows], starts, axis=0)
        means.append((summed / size[:, None]).astype(np.float32))
        sizes.append(size)
    gap = w["across.0.depth"].shape[0] // 2
    s_rows = _layout([len(size) for size in sizes], gap)
    s, mask = _rows(means, s_rows, gap), _mask(s_rows, gap)
    for i in range(shape.across):
        s = _block(w, f"across.{i}", s, mask)
    told = _linear(w, "told", s)
    out = np.zeros_like(p)
    for rows, here, size in zip(p_rows, s_rows, sizes, strict=True):
        out[rows] = np.repeat(told[here], size, axis=0)
    return out


def _band(ends: Floats, left: Floats, right: Floats, length: Floats) -> Floats:
    """``(tokens, longest)`` logits by first token and length less one; -inf past the end."""
    n, longest = len(ends), len(length)
    padded = np.full((n, n + longest), -np.inf, np.float32)
    np.matmul(left, right.T, out=padded[:, :n])
    padded[:, :n] += ends[:, 1]
    step, row = padded.strides[1], padded.strides[0]
    diagonal = np.lib.stride_tricks.as_strided(padded, (n, longest), (row + step, step), writeable=False)
    spans: Floats = diagonal + ends[:, :1] + length
    return spans


def _layout(sizes: Sequence[int], gap: int) -> list[slice]:
    starts = np.cumsum([gap, *(size + gap for size in sizes)])
    return [slice(int(a), int(a) + size) for a, size in zip(starts, sizes, strict=False)]


def _rows(parts: Sequence[Floats], rows: Sequence[slice], gap: int) -> Floats:
    out = np.zeros((rows[-1].stop + gap, parts[0].shape[1]), np.float32)
    for part, at in zip(parts, rows, strict=True):
        out[at] = part
    return out


def _mask(rows: Sequence[slice], gap: int) -> Floats:
    return _rows([np.ones((r.stop - r.start, 1), np.float32) for r in rows], rows, gap)


def _embed(w: Weights, char: NDArray[np.int32], word: NDArray[np.int32]) -> Floats:
    return np.concatenate([w["char"][char], w["word"][word]], 1)


def _linear(w: Weights, name: str, x: Floats) -> Floats:
    y = x @ w[f"{name}.weight"].T
    bias = w.get(f"{name}.bias")
    return y if bias is None else np.add(y, bias, out=y)


def _norm(w: Weights, name: str, x: Floats) -> Floats:
    y = x - x.mean(1, keepdims=True)
    y *= 1 / np.sqrt(np.einsum("nd,nd->n", y, y)[:, None] / x.shape[1] + 1e-5)
    scaled: Floats = y * w[f"{name}.weight"] + w[f"{name}.bias"]
    return scaled


def _block(w: Weights, name: str, x: Floats, mask: Floats) -> Floats:
    y = _norm(w, f"{name}.norm", x) * mask
    depth = w[f"{name}.depth"]
    reach, n = len(depth) // 2, len(y)
    near = y * depth[reach]
    for k, row in enumerate(depth):
        shift = k - reach
        if shift < 0:
            near[-shift:] += y[: n + shift] * row
        elif shift > 0:
            near[: n - shift] += y[shift:] * row
    mixed = _linear(w, f"{name}.mix", near)
    half = mixed.shape[1] // 2
    out: Floats = x + mixed[:, :half] / (1 + np.exp(-mixed[:, half:]))
    return out


def _attend(
    p: Floats, q: Floats, value: Floats, p_rows: Sequence[slice], q_rows: Sequence[slice], dim: int
) -> Floats:
    out = np.zeros((len(p), value.shape[1]), np.float32)
    for here, there in zip(p_rows, q_rows, strict=True):
        out[here] = _softmax(p[here] @ q[there].T / np.float32(dim**0.5)) @ value[there]
    return out


def _pooled(w: Weights, q: Floats) -> Floats:
    mixed = _softmax(_linear(w, "pool", q).T) @ q
    return mixed.ravel()


def _softmax(x: Floats) -> Floats:
    y: Floats = np.exp(x - x.max(-1, keepdims=True))
    y /= y.sum(-1, keepdims=True)
    return y
