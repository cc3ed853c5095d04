"""English texts out of documentation: ``python -m qa.training.manuals --packages DIR --out FILE``.

``DIR`` holds packages of Debian 12 as they unpack, a folder each, named as in :data:`SOURCES` and :data:`DICTIONARIES`
(``apt-get download NAME``, ``dpkg -x NAME_*.deb DIR/NAME``). What is missing is told and left out. Paragraphs that are prose are kept;
a line of ``FILE`` is a page, with its package as ``set``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Page = tuple[str, list[str]]
    """A title and paragraphs."""

MOST = 5_500_000
"""Characters of a package, about: no package is to outweigh the others."""

MOST_MEANINGS = 6_000_000
"""The same of dictionaries of which entries are drawn at random."""

SHORTEST, LETTERS = 60, 0.85
"""A paragraph is prose from so many characters, of which such a share are letters and spaces."""

SHORTEST_PAGE = 300

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Source:
    """A package: which of its files are read, and how."""

    name: str
    patterns: tuple[str, ...]
    read: Callable[[Path], Page]


def prose(paragraph: str) -> bool:
    """Whether a paragraph is prose in Latin letters."""
    if len(paragraph) < SHORTEST:
        return False
    letters = sum(char.isalpha() or char == " " for char in paragraph)
    foreign = sum(char > "ɏ" for char in paragraph)
    return letters / len(paragraph) > LETTERS and foreign < 0.02 * len(paragraph)


def html_page(path: Path) -> Page:
    """The title and paragraphs of an HTML page, without code and tables; nothing of what cannot be parsed."""
    from lxml import etree, html

    try:
        tree = html.fromstring(path.read_bytes())
    except (etree.ParserError, ValueError):
        return "", []
    for part in tree.xpath("//pre|//script|//style|//nav|//table"):
        part.drop_tree()
    found = [
        _SPACE.sub(" ", each.text_content()).strip()
        for each in tree.iter("p", "li", "dd")
        if each.tag == "p" or not each.xpath(".//p|.//li|.//dd")
    ]
    return _SPACE.sub(" ", tree.findtext(".//title") or "").strip(), found


def mallard_page(path: Path) -> Page:
    """The title and paragraphs of a page of GNOME's help."""
    from lxml import etree

    try:
        tree = etree.fromstring(path.read_bytes())
    except etree.XMLSyntaxError:
        return "", []
    title = next(tree.iter("{*}title"), None)
    paragraphs = [_SPACE.sub(" ", "".join(each.itertext())).strip() for each in tree.iter("{*}p")]
    words = "" if title is None else "".join(title.itertext())
    return _SPACE.sub(" ", words).strip(), paragraphs


def text_page(path: Path) -> Page:
    """The paragraphs of a plain text, parted by blank lines."""
    return "", _paragraphs(path.read_text("utf-8", "replace"))


def fortune_page(path: Path) -> Page:
    """The sayings of a file of them, parted by lines of a percent sign."""
    texts = path.read_text("utf-8", "replace").split("\n%\n")
    return path.name, [_SPACE.sub(" ", text).strip() for text in texts]


SOURCES = (
    Source("anarchism", ("**/*.html",), html_page),
    Source("debian-faq", ("**/*.html",), html_page),
    Source("debian-handbook", ("**/en-US/*.html",), html_page),
    Source("debian-reference-en", ("**/*.html",), html_page),
    Source("developers-reference", ("**/*.html",), html_page),
    Source("libreoffice-help-en-us", ("**/*.html",), html_page),
    Source("git-doc", ("**/*.html",), html_page),
    Source("postgresql-doc-15", ("**/*.html",), html_page),
    Source("python3.11-doc", ("**/html/**/*.html",), html_page),
    Source(
        "rust-doc",
        tuple(
            f"**/html/{book}/**/*.html"
            for book in (
                "book", "reference", "rust-by-example", "nomicon", "edition-guide", "rustc", "cargo"
            )
        ),
        html_page,
    ),
    Source("sqlite3-doc", ("**/*.html",), html_page),
    Source("python-django-doc", ("**/*.html",), html_page),
    Source("gnome-user-docs", ("**/help/C/**/*.page",), mallard_page),
    Source("perl-doc", ("**/*.pod",), text_page),
    Source("fortunes", ("usr/share/games/fortunes/*",), fortune_page),
)  # fmt: skip
"""Packages of pages."""

WORDNET = "wordnet-base"
DICTIONARIES = (
    (WORDNET, 60, True),
    ("dict-foldoc", 40, False),
    ("dict-jargon", 40, False),
    ("dict-gcide", 60, True),
)
"""WordNet and packages in dictd's format: entries a page, and whether they are drawn at random."""

_LEFT_OUT = re.compile(r"genindex|changelog")


def pages(source: Source, folder: Path) -> Iterator[Page]:
    """The pages of a package that hold prose, until they are :data:`MOST` characters."""
    total = 0
    files = [path for pattern in source.patterns for path in sorted(folder.glob(pattern)) if path.is_file()]
    for path in files:
        indexed = source.name == "fortunes" and path.suffix
        if indexed or (source.name == "python3.11-doc" and _LEFT_OUT.search(str(path.relative_to(folder)))):
            continue
        if total > MOST:
            return
        title, found = source.read(path)
        kept = list(dict.fromkeys(filter(prose, found)))
        size = len("\n".join(kept))
        if size >= SHORTEST_PAGE:
            total += size
            yield title, kept


def meanings(folder: Path) -> list[str]:
    """The meanings that WordNet knows, each behind the first of its words."""
    found = []
    for path in folder.glob("**/data.*"):
        for line in path.read_text("latin-1").splitlines():
            head, bar, meaning = line.partition(" | ")
            if bar and head[:1].isdigit():
                found.append(f"{head.split()[4].replace('_', ' ')}: {meaning.strip()}")
    return sorted(found)


def entries(folder: Path) -> list[str]:
    """The entries of a dictionary in dictd's format that are prose."""
    found = []
    for path in sorted(folder.glob("usr/share/dictd/*.dz")):
        with gzip.open(path) as file:
            found += [each for each in _paragraphs(file.read().decode("utf-8", "replace")) if prose(each)]
    return found


def _paragraphs(text: str) -> list[str]:
    return [_SPACE.sub(" ", each).strip() for each in re.split(r"\n\s*\n", text)]


def bundles(title: str, found: Iterable[str], each: int, most: int) -> Iterator[Page]:
    """Pages of so many entries, until they are ``most`` characters."""
    held: list[str] = []
    total = 0
    for entry in found:
        held.append(entry)
        total += len(entry)
        if len(held) == each:
            yield title, held
            held = []
        if total > most:
            return
    if held:
        yield title, held


def manuals(packages: Path, tell: Callable[[str], object]) -> Iterator[tuple[str, Page]]:
    """Each page with its package, the packages in their order; ``tell`` is called with what is missing."""
    for source in SOURCES:
        if not (packages / source.name).is_dir():
            tell(f"{source.name} is missing in {packages}: left out")
        for page in pages(source, packages / source.name):
            yield source.name, page
    for name, each, drawn in DICTIONARIES:
        folder = packages / name
        found = meanings(folder) if name == WORDNET else entries(folder)
        if not found:
            tell(f"no entries of {name} are in {packages}: left out")
        if drawn:
            random.Random(0).shuffle(found)
        for page in bundles(name, found, each, MOST_MEANINGS if drawn else MOST):
            yield name, page


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when pages lie in ``--out``, a line each; 2 where no package was found."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.manuals", description=__doc__)
    parser.add_argument("--packages", type=Path, required=True, help="a folder of unpacked packages")
    parser.add_argument("--out", type=Path, required=True, help="a .jsonl file")
    given = parser.parse_args(arguments)
    count = 0
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("w", encoding="utf-8") as file:
        for name, (title, found) in manuals(given.packages, lambda line: sys.stderr.write(f"{line}\n")):
            row = {"set": name, "title": title, "text": "\n".join(found)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return 0 if count else 2


if __name__ == "__main__":
    sys.exit(main())
