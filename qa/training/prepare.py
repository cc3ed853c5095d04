"""Packs all that the encoder and its reader learn from: ``python -m qa.training.prepare --data DIR --out DIR``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ARTICLES, LABELLED, TOKENIZER = "articles.xz", "labelled.xz", "tokenizer"
"""What is left in the folder: articles and the questions made of them, squeezed together since they say the
same; the labelled questions, small enough to go with an encoder; the tokenizer's folder.
"""


NATURAL = 2
"""How often a question in people's own words counts among the labelled ones, which mostly repeat the text's."""


@dataclass(frozen=True)
class Recipe:
    """What is packed. ``english`` tokens of English texts at most; ``texts`` is (collection, share of its articles), those that count most first;
    ``made`` (collection, articles at most, questions an article).
    """

    latin: int = 4_000
    tokens: int = 60_000_000
    english: int = 9_000_000
    wrong: float = 0.3
    wrong_own: float = 0.8
    seed: int = 0
    texts: tuple[tuple[str, float], ...] = (
        ("cmrc_train_wiki_paragraphs", 1.0),
        ("zhwiki_100", 1.0),
        ("ruanyf_weekly", 1.0),
        ("wind_finance_breakfast", 1.0),
        ("howtocook", 1.0),
        ("hellogithub", 1.0),
        ("blockchain_guide", 1.0),
        ("csl_abstracts", 1.0),
        ("cctv_xwlb_news", 1.0),
        ("lctt_tech", 0.8),
        ("tidb_docs_cn", 0.3),
        ("laws_cn", 0.06),
        ("crud_news_2023", 1.0),
    )
    made: tuple[tuple[str, int, int], ...] = (
        ("cmrc_train_wiki_paragraphs", 3_000, 12),
        ("zhwiki_100", 100, 80),
        ("cctv_xwlb_news", 9_000, 2),
        ("crud_news_2023", 16_000, 2),
        ("lctt_tech", 4_000, 3),
        ("csl_abstracts", 4_000, 1),
        ("ruanyf_weekly", 400, 24),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 when something was wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.prepare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument("--out", type=Path, required=True, help="where to leave what is packed")
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="SQuAD files to learn from too")
    parser.add_argument("--english", type=Path, help="English pages, as qa.training.manuals leaves them")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        help="a folder with tokenizer.json, for an encoder that is to learn on; default: a new one",
    )
    parser.add_argument("--tokens", type=int, default=Recipe.tokens, help="of articles at most")
    options = parser.parse_args(arguments)
    try:
        prepare(
            options.data,
            options.out,
            Recipe(tokens=options.tokens),
            options.more,
            english=options.english,
            known=options.tokenizer,
        )
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def prepare(
    data: Path,
    out: Path,
    recipe: Recipe,
    more: Sequence[Path] = (),
    *,
    english: Path | None = None,
    known: Path | None = None,
) -> None:
    """Leaves the tokenizer, the articles and the questions in ``out``; ``more`` are SQuAD files.

    ``english`` names pages of :mod:`qa.training.manuals`, which come first among the articles; ``known`` a folder with
    the tokenizer to take.
    """
    import numpy as np
    from tokenizers import Tokenizer

    from embeddings.training.pretrain import packed
    from embeddings.training.stream import fresh, stream
    from embeddings.training.tokenizer import build, save
    from qa.training import gather
    from qa.training.corpus import squad
    from qa.training.questions import pack

    if known and not (known / "tokenizer.json").exists():
        raise ModelError(str(known), "no tokenizer.json lies there", "name the folder of an encoder of ours")
    if english and not english.exists():
        raise ModelError(str(english), "is missing", "make it with python -m qa.training.manuals")
    out.mkdir(parents=True, exist_ok=True)
    labelled = gather.labelled(data, recipe.wrong, recipe.seed + 1)
    labelled += NATURAL * gather.own_words(data, recipe.wrong_own, recipe.seed + 2)
    labelled += [example for path in more for example in squad(path)]
    texts = list(fresh([*dict.fromkeys(e.passage for e in labelled), *_texts(data, recipe)]))
    foreign = list(fresh(gather.english(english))) if english else []
    tokenizer = (
        Tokenizer.from_file(str(known / "tokenizer.json"))
        if known
        else build([*foreign, *texts], recipe.latin)
    )
    save(tokenizer, out / TOKENIZER)
    _tell(f"{len(texts) + len(foreign)} texts, {tokenizer.get_vocab_size()} tokens in the vocabulary")
    parts = [stream(foreign, tokenizer, recipe.english), stream(texts, tokenizer, recipe.tokens)]
    tokens, begins = (
        np.concatenate(held) for held in zip(*((p.tokens, p.begins) for p in parts), strict=True)
    )
    _tell(f"{len(tokens)} tokens of articles, {len(parts[0].tokens)} of them English")
    arrays: dict[str, Any] = {"articles": packed(tokens, begins)}
    asked = pack(gather.made(data, recipe.made, recipe.seed), tokenizer)
    _tell(f"{len(asked)} made questions over {len(asked.passages)} tokens")
    _write(out / ARTICLES, arrays | asked.arrays("made"))
    asked = pack(labelled, tokenizer)
    _tell(f"{len(asked)} labelled questions over {len(asked.passages)} tokens")
    _write(out / LABELLED, asked.arrays("labelled"))


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    from embeddings.training import squeeze

    squeeze.write(path, arrays)
    _tell(f"{path.stat().st_size / 2**20:.1f} MiB in {path}")


def _texts(data: Path, recipe: Recipe) -> Iterator[str]:
    from qa.training.corpus import articles

    for name, share in recipe.texts:
        for at, (title, text) in enumerate(articles(data, (name,))):
            if int(at * share) < int((at + 1) * share):
                yield f"{title}\n{text}"


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
