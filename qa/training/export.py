"""The trained network as the bundled reader's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from qa.lexicon import CHAR_CLASSES, Lexicon
from qa.span_reader import save
from qa.training.network import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from qa.span_reader import Shape, Weights
    from qa.training.vectors import Vocabulary

UNKNOWN_LOGP = -16.0


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """The lexicon of a vocabulary; what it does not know is as rare as its rarest."""
    rarest = float(vocabulary.idf.max(initial=8.0))
    unknown = np.full(len(CHAR_CLASSES), float(vocabulary.char_idf.max(initial=8.0)), np.float32)
    return Lexicon(
        {word: i for i, word in enumerate(vocabulary.words, 1)},
        {char: i for i, char in enumerate(vocabulary.chars, len(CHAR_CLASSES))},
        np.concatenate([[UNKNOWN_LOGP], vocabulary.logp]).astype(np.float32),
        np.concatenate([[rarest], vocabulary.idf]).astype(np.float32),
        np.concatenate([unknown, vocabulary.char_idf]).astype(np.float32),
    )


def export(reader: Reader, known: Lexicon, folder: Path) -> None:
    """Writes the files that :class:`qa.span_reader.SpanReader` reads."""
    weights: Weights = {}
    for name, value in reader.state_dict().items():
        array = value.detach().float().numpy()
        weights[_plain(name)] = array[:, 0, 0].T if name.endswith(".depth") else array
    save(folder, reader.shape, known, weights)


def restored(shape: Shape, weights: Weights) -> Reader:
    """The network of an exported reader, to train on; what ``shape`` has more than it is as it begins."""
    reader = Reader(shape)
    state = reader.state_dict()
    for name in state:
        if _plain(name) in weights or not name.startswith(("gist.", "told.", "across.")):
            array = weights[_plain(name)]
            state[name] = torch.from_numpy(
                np.ascontiguousarray(array.T[:, None, None] if name.endswith(".depth") else array)
            )
    reader.load_state_dict(state)
    return reader


def _plain(name: str) -> str:
    """Tables go by their bare names."""
    return name.removesuffix(".weight") if name in ("char.weight", "word.weight", "kind.weight") else name
