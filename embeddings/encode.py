"""Texts to vectors."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from embeddings.errors import ModelError
from embeddings.tokens import Cutter, batches, printable, unpacked
from embeddings.words import WORDS_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from embeddings.tokens import Tokens

    Vectors = NDArray[np.float32]
    Progress = Callable[[int, int], None]
    """Called with (done, total), in texts."""


@dataclass(frozen=True)
class Fingerprint:
    """All that a stored vector or word depends on, as name -> value."""

    fields: Mapping[str, str]

    def differences(self, other: Fingerprint) -> dict[str, tuple[str, str]]:
        """The fields that differ: name -> (ours, theirs); "" where one side lacks the field."""
        names = self.fields.keys() | other.fields.keys()
        pairs = {name: (self.fields.get(name, ""), other.fields.get(name, "")) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


class Embedder(Protocol):
    """Turns texts into unit vectors; passages and questions may need different prompts."""

    @property
    def name(self) -> str:
        """The name or folder by which :func:`embedder` finds this model again."""

    @property
    def dim(self) -> int:
        """The width of a vector."""

    @property
    def fingerprint(self) -> Fingerprint:
        """Model, hash of its weights, dimension, prompts, normalisation."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``(len(texts), dim)`` float32 rows of length 1, in order; a text without any known token
        gives a row of zeros.
        """

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As :meth:`encode_passages`, for questions."""


BUNDLED = "bundled"
"""The name of the model that comes with the package."""


def embedder(
    name: str | None = None,
    *,
    device: str | None = None,
    batch_size: int = 32,
    allow_download: bool = False,
) -> Embedder:
    """The model called ``name``: None or "bundled", a folder, or a name on the Hugging Face hub.

    ``device`` and ``batch_size`` (texts) hold for sentence-transformers models only. The network is
    used only with ``allow_download``; then ``HF_ENDPOINT`` and ``HF_HUB_OFFLINE`` hold as ever.

    Raises:
        ModelError: if the model is missing, broken, or not on this machine.
    """
    if name is None or name == BUNDLED:
        return StaticEmbedder(_bundled_folder(), name=BUNDLED)
    if Path(name).is_dir():
        name = str(Path(name).resolve())  # a library keeps the name, and is opened from other folders
    if _is_folded_static(Path(name)):
        return StaticEmbedder(Path(name))
    return SentenceTransformerEmbedder(
        name, device=device, batch_size=batch_size, allow_download=allow_download
    )


class StaticEmbedder:
    """A table with one row a token: a text's vector is the mean of its rows, scaled to length 1.

    Loads the sentence-transformers layout (StaticEmbedding, Normalize) without torch. Texts are
    folded before they are tokenised. May be shared by threads.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        from safetensors import SafetensorError

        self._name = name or str(folder)
        mend = "install the package again" if name == BUNDLED else "copy or train the model again"
        weights, tokens = folder / "model.safetensors", folder / "tokenizer.json"
        for path in (weights, tokens):
            if not path.is_file():
                raise ModelError(self._name, f"{path.name} is missing in {folder}", mend)
        try:
            self._rows = _rows(weights)
        except (SafetensorError, OSError, ValueError, TypeError) as error:
            raise ModelError(self._name, f"model.safetensors is broken: {error}", mend) from error
        try:
            self.cutter = Cutter(tokens)
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(self._name, f"tokenizer.json is broken: {error}", mend) from error
        if len(self.cutter) != len(self._rows):
            raise ModelError(self._name, f"{len(self.cutter)} tokens, but {len(self._rows)} rows", mend)
        self._hash = _hash([weights, tokens])

    @property
    def name(self) -> str:
        """The name or folder of the model."""
        return self._name

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self._rows.shape[1])

    @property
    def fingerprint(self) -> Fingerprint:
        """Kind and hash of the model, dimension, prompts, normalisation, folding."""
        return _fingerprint("static", self._hash, self.dim, {}, WORDS_VERSION)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As :meth:`Embedder.encode_passages`."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start, end in batches(texts):
            self._pool(self.cutter.tokens(texts[start:end]), vectors[start:end])
            if progress:
                progress(end, len(texts))
        return _unit(vectors)

    def encode_tokens(self, packed: Sequence[bytes]) -> Vectors:
        """What :meth:`encode_passages` gives for the texts whose tokens these are, packed by ``cutter``."""
        import numpy as np

        vectors = np.zeros((len(packed), self.dim), np.float32)
        self._pool([unpacked(tokens) for tokens in packed], vectors)
        return _unit(vectors)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As :meth:`encode_passages`: passages and questions share one table."""
        return self.encode_passages(texts)

    def _pool(self, batch: Sequence[Tokens], sums: Vectors) -> None:
        import numpy as np

        for ids, row in zip(batch, sums, strict=True):
            # Few tokens: gather their rows. Many: count them first, so memory stays bounded.
            if len(ids) < _GATHERED:
                self._rows.take(np.asarray(ids, np.intp), axis=0).sum(axis=0, out=row)
            else:
                kinds, counts = np.unique(np.asarray(ids, np.intp), return_counts=True)
                np.matmul(counts.astype(np.float32), self._rows[kinds], out=row)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by folder or by its name on the hub."""

    def __init__(
        self,
        name: str,
        *,
        device: str | None = None,
        batch_size: int = 32,
        allow_download: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        folder = Path(name)
        if not folder.is_dir() and not _HUB_NAME.fullmatch(name):
            raise ModelError(
                name, "there is no such folder", "give the folder of the model, or its name on the hub"
            )
        from sentence_transformers import SentenceTransformer

        self._name = name
        self._batch_size = batch_size
        try:
            self._model = SentenceTransformer(name, device=device, local_files_only=not allow_download)
        except Exception as error:  # each library underneath has its own exceptions
            raise _load_error(name, error, allow_download) from error
        self._version = _hash(_model_files(folder)) if folder.is_dir() else _commit(name)
        self._dim = int(self._model.get_embedding_dimension() or 0)

    @property
    def name(self) -> str:
        """The name or folder of the model."""
        return self._name

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self._dim

    @property
    def fingerprint(self) -> Fingerprint:
        """Kind and version of the model, dimension, prompts, normalisation."""
        return _fingerprint("sentence-transformers", self._version, self.dim, self._model.prompts, "")

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As :meth:`Embedder.encode_passages`, with the model's prompt for documents."""
        return self._encode(self._model.encode_document, texts, progress)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As :meth:`encode_passages`, with the model's prompt for queries."""
        return self._encode(self._model.encode_query, texts, None)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str], progress: Progress | None) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        step = self._batch_size * 8  # sentence-transformers sorts by length within a call
        for start in range(0, len(texts), step):
            batch = [printable(text) for text in texts[start : start + step]]
            vectors[start : start + step] = encode(
                batch, batch_size=self._batch_size, show_progress_bar=False, convert_to_numpy=True
            )
            if progress:
                progress(start + len(batch), len(texts))
        return _unit(vectors)


_GATHERED = 4096  # tokens
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


def _bundled_folder() -> Path:
    return Path(__file__).parent / "models" / "static"


def _is_folded_static(folder: Path) -> bool:
    """Whether ``folder`` holds a static model whose training folded its texts, as ours does."""
    try:
        config = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("folded") is True


def _rows(path: Path) -> Vectors:
    """The table as float32; a file may hold it in bytes, with one factor a row."""
    import numpy as np
    from safetensors.numpy import load_file

    arrays = load_file(path)
    if "embedding.weight" in arrays:
        return arrays["embedding.weight"].astype(np.float32)
    if "embeddings" not in arrays:
        raise ValueError(f"it holds {', '.join(sorted(arrays)) or 'nothing'}, not embeddings")
    rows = arrays["embeddings"].astype(np.float32)
    if "weights" in arrays:
        rows *= arrays["weights"].astype(np.float32)[:, None]
    return rows


def _unit(vectors: Vectors) -> Vectors:
    """The rows scaled to length 1, in place; rows that are zero or not finite become zero."""
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    good = np.isfinite(norms) & (norms > 1e-12)
    vectors[~good[:, 0]] = 0
    np.divide(vectors, norms, out=vectors, where=good)
    return vectors


def _fingerprint(
    kind: str, version: str, dim: int, prompts: Mapping[str, str | None], folding: str
) -> Fingerprint:
    used = {name: prompt for name, prompt in prompts.items() if prompt}
    return Fingerprint(
        {
            "embedder.kind": kind,
            "embedder.weights": version,
            "embedder.dim": str(dim),
            "embedder.prompts": json.dumps(used, ensure_ascii=False, sort_keys=True),
            "embedder.normalised": "l2",
            "embedder.folding": folding,
        }
    )


def _hash(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _model_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() != ".md")


def _commit(name: str) -> str:
    """The commit of a hub model, as the local cache names it."""
    from huggingface_hub import try_to_load_from_cache

    for repository in (name, f"sentence-transformers/{name}"):
        for file in ("modules.json", "config.json"):
            found = try_to_load_from_cache(repository, file) if repository.count("/") == 1 else None
            if isinstance(found, str):
                return Path(found).parent.name
    raise ModelError(
        name, "its version cannot be told from the local cache", "give the model's folder instead"
    )


def _load_error(name: str, error: Exception, allow_download: bool) -> ModelError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    if Path(name).is_dir():
        return ModelError(
            name, f"not a sentence-transformers model, or broken: {reason}", "copy the folder again"
        )
    if allow_download:
        return ModelError(
            name, f"cannot be downloaded: {reason}", "check the name, the network and HF_ENDPOINT"
        )
    return ModelError(
        name, "this model is not on this machine", f"run: hf download {name}  (or pass allow_download=True)"
    )
