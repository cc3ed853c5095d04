"""Trains the span reader: ``python -m qa.training --data DIR --out DIR``."""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import ArticleQAError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.lexicon import Lexicon
    from qa.training.corpus import Example
    from qa.training.network import Reader
    from qa.training.vectors import Vocabulary


@dataclass(frozen=True)
class Recipe:
    """The sizes of a run. ``made`` is a collection -> (articles at most, questions an article)."""

    words: int = 32_000
    chars: int = 6_500
    vector: int = 96
    dim: int = 160
    minutes: float = 50.0
    tokens: int = 4096
    retrieved: float = 0.25
    seed: int = 0
    made_until: float = 0.33
    made_first: float = 0.8
    made_later: float = 0.08
    natural: float = 0.0
    rate: float = 1.2e-3
    made: tuple[tuple[str, int, int], ...] = (
        ("cmrc_train_wiki_paragraphs", 3_000, 10),
        ("zhwiki_100", 100, 60),
        ("cctv_xwlb_news", 9_000, 2),
        ("crud_news_2023", 26_000, 2),
        ("lctt_tech", 3_000, 3),
        ("csl_abstracts", 4_000, 1),
        ("ruanyf_weekly", 400, 20),
    )


FURTHER = Recipe(
    minutes=60.0,
    retrieved=0.3,
    seed=2,
    made_until=0.25,
    made_first=0.7,
    made_later=0.25,
    rate=8e-4,
    made=(
        ("cmrc_train_wiki_paragraphs", 3_000, 20),
        ("zhwiki_100", 100, 120),
        ("cctv_xwlb_news", 10_000, 3),
        ("crud_news_2023", 40_000, 2),
        ("lctt_tech", 6_000, 3),
        ("csl_abstracts", 7_000, 1),
        ("ruanyf_weekly", 400, 40),
    ),
)
"""Trains a reader further: other questions made of more articles, and more of them to the end."""

NATURAL = Recipe(minutes=60.0, retrieved=0.3, seed=3, natural=0.45, rate=6e-4, made=())
"""Trains a reader further on the questions in people's own words, English ones too."""

SMALL = Recipe(words=2_000, chars=1_500, vector=16, dim=32, minutes=1.0, tokens=2048)
"""Minutes on two cores, to see that everything works; its reader is of no use."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 when something was wrong with what was given."""
    options = _options().parse_args(arguments)
    recipe = Recipe()
    if options.further:
        recipe = NATURAL if options.natural else FURTHER
    if options.small:
        recipe = SMALL
    if options.seed is not None:
        recipe = replace(recipe, seed=options.seed)
    minutes = options.minutes if options.minutes is not None else recipe.minutes
    try:
        if options.tune:
            tune(options.tune, options.out, minutes, options.threads)
        else:
            run(
                options.data,
                options.out,
                recipe,
                minutes,
                options.threads,
                resume=options.resume,
                further=options.further,
            )
    except ArticleQAError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def run(
    data: Path,
    out: Path,
    recipe: Recipe,
    minutes: float,
    threads: int,
    *,
    resume: bool,
    further: Path | None = None,
) -> None:
    """Leaves ``out/reader``, trained on the sets under ``data``; what is prepared lies in ``out`` too.

    With ``resume`` the prepared files and the checkpoint of a run that was cut off are taken up.
    ``further`` is the folder of a reader to go on from, with its sizes and its words.
    """
    import torch

    from qa.training import pack
    from qa.training.export import export
    from qa.training.train import Plan, train

    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    if not resume:
        for old in out.glob("*.npz"):
            old.unlink()
        for old in out.glob("checkpoint.*"):
            old.unlink()
    reader, known = _further(further, english=bool(recipe.natural)) if further else _fresh(data, out, recipe)
    packs = []
    for name, texts in (("labelled", _labelled), ("made", _made), ("natural", _natural)):
        path = out / f"{name}.npz"
        if not path.exists():
            print(f"{name}: packing", flush=True)
            pack.store(path, list(pack.pack(known, texts(data, recipe), reader.shape.longest)))
        packs.append(pack.stored(path))
        print(f"{name}: {len(packs[-1])} examples", flush=True)
    plan = Plan(
        minutes=minutes,
        tokens=recipe.tokens,
        rate=recipe.rate,
        seed=recipe.seed,
        made_until=recipe.made_until,
        made_first=recipe.made_first,
        made_later=recipe.made_later,
        natural=recipe.natural,
    )
    train(reader, packs[0], packs[1], plan, out, _report, packs[2])
    export(reader, known, out / "reader")
    print(f"the reader lies in {out / 'reader'}; measure it with `python -m qa.training.measure`", flush=True)


def _fresh(data: Path, out: Path, recipe: Recipe) -> tuple[Reader, Lexicon]:
    from qa.span_reader import Shape
    from qa.training.export import lexicon
    from qa.training.network import Reader

    vocabulary = _vocabulary(data, out, recipe)
    known = lexicon(vocabulary)
    shape = Shape(
        known.char_idf.size, known.idf.size, recipe.vector, recipe.vector, recipe.dim, across=ACROSS
    )
    reader = Reader(shape)
    reader.start_from(known, vocabulary.vectors)
    return reader, known


def _further(folder: Path, *, english: bool = False) -> tuple[Reader, Lexicon]:
    """The reader in ``folder``, if wanted with English words and blocks over sentences, and its lexicon."""
    from qa.span_reader import load
    from qa.training.bilingual import with_english
    from qa.training.export import restored

    shape, known, weights = load(folder)
    if english:
        known, weights["word"] = with_english(known, weights["word"])
        shape = replace(shape, words=len(weights["word"]), across=ACROSS)
    return restored(shape, weights), known


ACROSS = 2
"""Blocks over sentences."""


def tune(questions: Path, out: Path, minutes: float, threads: int) -> None:
    """Leaves ``out/reader``: the bundled reader trained on further with the user's SQuAD file."""
    import torch

    from qa.span_reader import BUNDLED
    from qa.training import pack
    from qa.training.corpus import squad
    from qa.training.export import export
    from qa.training.negatives import retrieved
    from qa.training.train import Plan, train

    torch.set_num_threads(threads)
    reader, known = _further(BUNDLED)
    examples = squad(questions)
    examples += retrieved(examples, random.Random(0))
    packed = list(pack.pack(known, examples, reader.shape.longest))
    out.mkdir(parents=True, exist_ok=True)
    print(f"{len(packed)} examples", flush=True)
    train(reader, packed, [], Plan(minutes=minutes, rate=2e-4, tokens=2048, warm_steps=50), out, _report)
    export(reader, known, out / "reader")
    print(f"the reader lies in {out / 'reader'}", flush=True)


def _vocabulary(data: Path, out: Path, recipe: Recipe) -> Vocabulary:
    from qa.training import vectors
    from qa.training.corpus import TRAINING, articles, examples

    path = out / "vocabulary.npz"
    if not path.exists():
        print("vocabulary: counting", flush=True)
        texts = [text for _, text in articles(data)]
        for name in TRAINING:
            texts += sorted({e.passage for e in examples(data, name)})
        vectors.store(path, vectors.learn(texts, recipe.words, recipe.chars, recipe.vector))
    return vectors.stored(path)


def _labelled(data: Path, recipe: Recipe) -> list[Example]:
    from qa.training.gather import labelled

    return labelled(data, recipe.retrieved, recipe.seed + 1)


def _made(data: Path, recipe: Recipe) -> list[Example]:
    from qa.training.gather import made

    return made(data, recipe.made, recipe.seed)


def _natural(data: Path, recipe: Recipe) -> list[Example]:
    from qa.training.gather import own_words

    return own_words(data, NATURAL_RETRIEVED, recipe.seed + 2) if recipe.natural else []


NATURAL_RETRIEVED = 0.8
"""Share of the natural questions that are also set against a retrieved wrong stretch."""


def _report(step: int, loss: float, minutes: float) -> None:
    print(f"step {step}  loss {loss:.3f}  {minutes:.1f} min", flush=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qa.training", description="Train the span reader.")
    parser.add_argument("--data", type=Path, help="the folder that holds articles/ and span/")
    parser.add_argument(
        "--out", type=Path, required=True, help="where to leave the reader and what was prepared"
    )
    parser.add_argument("--small", action="store_true", help="a tiny reader, to see that everything works")
    parser.add_argument(
        "--further",
        type=Path,
        metavar="DIR",
        help="a reader's folder to go on from, with questions made anew",
    )
    parser.add_argument(
        "--natural", action="store_true", help="with --further: learn questions in people's own words"
    )
    parser.add_argument("--resume", action="store_true", help="take up a run that was cut off")
    parser.add_argument("--minutes", type=float, help="how long to train, preparation aside")
    parser.add_argument("--seed", type=int, help="another order of the examples, other made questions")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--tune", type=Path, metavar="SQUAD.json", help="train the bundled reader on your own questions"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
