"""Front matter: YAML, TOML or JSON at the head of an article."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import yaml

_MOST_LINES = 1_000
_LARGEST = 64_000
"""Characters of front matter that are given to a parser; more is read line by line."""


def split_front_matter(text: str) -> tuple[dict[str, Any], str, tuple[str, ...]]:
    """The fields at the head of ``text``, the article below them, and notes.

    Known: YAML between ``---`` lines (Hexo, Jekyll, Obsidian), YAML that only ends with ``---`` and JSON
    that ends with ``;;;`` (Hexo), TOML between ``+++``. Broken front matter is read line by line as
    ``name: value``, if most of its lines look like that: ``---`` is also a rule between two parts of
    an article. Without front matter: no fields, and ``text`` as it is.
    """
    head = text.lstrip("\n \t")
    for opening, closing, read in _KINDS:
        match = opening.match(head)
        found = match and _closed(head, match.end(), closing)
        if not match or not found:
            continue
        block, body = head[match.end() : found[0]], head[found[1] :]
        if not match.group() and not _looks_like_fields(block, closing):
            continue
        first_line = text[: len(text) - len(head)].count("\n") + match.group().count("\n") + 1
        fields, notes = read(block, first_line)
        if fields is not None:
            return fields, body, notes
    return {}, text, ()


def _closed(head: str, start: int, closing: re.Pattern[str]) -> tuple[int, int] | None:
    at = start
    for _ in range(_MOST_LINES):
        end = head.find("\n", at)
        line = head[at:end] if end >= 0 else head[at : at + _LARGEST]
        if closing.fullmatch(line):
            return at, (end + 1 if end >= 0 else len(head))
        if end < 0:
            return None
        at = end + 1
    return None


def _looks_like_fields(block: str, closing: re.Pattern[str]) -> bool:
    """Whether a block without an opening line is front matter, and not the article's first words."""
    lines = [line for line in block.split("\n") if line.strip()]
    if closing is _SEMICOLONS:
        return bool(lines) and lines[0].lstrip().startswith(('"', "{"))
    known = any(_COMMON.match(line) for line in lines)
    return known and all(_FIELD.match(line) or line[0] in " \t-#" for line in lines)


def _yaml(block: str, first_line: int) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    if len(block) > _LARGEST:
        return _line_by_line(block, f"front matter of {len(block)} characters was read line by line")
    try:
        fields = _loaded(block)
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + first_line}" if mark else ""
        return _line_by_line(block, f"the front matter is broken YAML{where} and was read line by line")
    if fields is None:
        return {}, ()
    if not isinstance(fields, dict):
        return _line_by_line(block, "the front matter is broken YAML and was read line by line")
    return fields, ()


def _loaded(block: str) -> Any:
    """What the YAML says: read in C where it is plain, which takes a seventh of the time."""
    if _FastLoader and _PLAIN_YAML.fullmatch(block):
        try:
            return yaml.load(block, Loader=_FastLoader)  # noqa: S506 -- a subclass of the safe loader
        except yaml.YAMLError:
            pass  # to be reported as the other one does
    return yaml.load(block, Loader=_Loader)  # noqa: S506 -- likewise


def _toml(block: str, first_line: int) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    try:
        return tomllib.loads(block), ()
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        where = re.search(r"line (\d+)", str(error))
        line = f" at line {int(where[1]) + first_line - 1}" if where else ""
        return _line_by_line(block, f"the front matter is broken TOML{line} and was read line by line")


def _json(block: str, first_line: int) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    text = block.strip()
    try:
        fields = json.loads(text if text.startswith("{") else "{" + text + "}")
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno + first_line - 1}" if isinstance(error, json.JSONDecodeError) else ""
        return _line_by_line(block, f"the front matter is broken JSON{where} and was read line by line")
    return (fields, ()) if isinstance(fields, dict) else (None, ())


def _line_by_line(block: str, note: str) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Every ``name: value`` or ``name = value`` line, and the list items and continuation lines below it."""
    if not _are_mostly_fields(block):
        return None, ()
    fields: dict[str, Any] = {}
    name = ""
    for line in block.split("\n"):
        item = _ITEM.fullmatch(line)
        if name and item:
            held = fields[name]
            fields[name] = (
                [*held, _unquoted(item[1])] if isinstance(held, list) else [held, _unquoted(item[1])]
            )
            if held == "":
                fields[name] = [_unquoted(item[1])]
        elif match := _FIELD.match(line):
            name = match[1].strip().strip("\"'")
            fields[name] = _value(line[match.end() :].strip().rstrip(","))
        elif name and line[:1] in (" ", "\t") and line.strip() and isinstance(fields[name], str):
            fields[name] = f"{fields[name]} {line.strip()}".strip(" |>")
    return (fields, (note,)) if fields else (None, ())


def _are_mostly_fields(block: str) -> bool:
    """Whether more than half of the lines are fields, or list items and continuation lines below one.

    With a full-width colon only a name that is usual: 他说：可以。
    """
    lines = [line for line in block.split("\n") if line.strip()]
    count = 0
    for line in lines:
        match = _FIELD.match(line)
        count += bool(
            (match and not match.group().endswith("："))
            or _COMMON.match(line)
            or (count and (_ITEM.fullmatch(line) or line[0] in " \t"))
        )
    return count * 2 > len(lines)


def _value(text: str) -> Any:
    # [[a note]] is Obsidian's link, one value; [a, b] is a list.
    if text.startswith("[") and text.endswith("]") and not text.startswith("[["):
        return [_unquoted(part) for part in text[1:-1].split(",") if part.strip()]
    return "" if text in ("|", ">", "null", "~") else _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


_DASHES = re.compile(r"(?:-{3,}|\.\.\.)[ \t]*")
_ONLY_DASHES = re.compile(r"-{3,}[ \t]*")
_PLUSES = re.compile(r"\+{3}[ \t]*")
_SEMICOLONS = re.compile(r";{3,}[ \t]*")
_KINDS = (
    (re.compile(r"-{3,}[ \t]*\n"), _DASHES, _yaml),
    (re.compile(r"\+{3}[ \t]*\n"), _PLUSES, _toml),
    (re.compile(r";{3,}[ \t]*\n"), _SEMICOLONS, _json),
    (re.compile(""), _SEMICOLONS, _json),
    (re.compile(""), _ONLY_DASHES, _yaml),
)
_FIELD = re.compile(r"([A-Za-z_\"'㐀-鿿][\w\"' .-]{0,60}?)\s*(?:[:：=](?=\s|$|[^/\s]))")
_ITEM = re.compile(r"\s*-\s+(.*)")
_COMMON = re.compile(
    r"\s*(?:title|date|tags?|categor\w+|author|layout|标题|作者|日期|标签|分类)\s*[:：]", re.IGNORECASE
)


_SCALARS = (
    ("null", "~nN", r"(?:~|null|Null|NULL)$"),
    ("bool", "tTfF", r"(?:true|True|TRUE|false|False|FALSE)$"),
    ("int", "-0123456789", r"-?(?:0|[1-9]\d{0,14})$"),
    ("float", "-0123456789", r"-?(?:0|[1-9]\d{0,14})\.\d{1,15}$"),
)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """First character -> the (tag, pattern) pairs to try, as PyYAML keeps them."""
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {"": [("tag:yaml.org,2002:null", re.compile("$"))]}
    for name, firsts, pattern in _SCALARS:
        for char in firsts:
            found.setdefault(char, []).append((f"tag:yaml.org,2002:{name}", re.compile(pattern)))
    return found


class _Loader(yaml.SafeLoader):
    """YAML with JSON's scalars: a date, a clock time, ``yes`` and 007 stay the words that were written.

    Aliases are refused: no blog needs them, and they are how a small file grows without end.
    """

    yaml_implicit_resolvers = _resolvers()

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


# libyaml and PyYAML differ over tabs, rare characters, and marks that may mean something.
_IN_PLAIN = r"\w ,./()+=\-，。、：；！？（）《》“”‘’—…·"
_PLAIN_VALUE = rf"\w[{_IN_PLAIN}]*"
_IN_QUOTES = rf"[{_IN_PLAIN}:;#&*!?|<>@%$~\[\]{{}}]*"
_PLAIN_YAML = re.compile(
    rf"(?:(?:[A-Za-z]\w*:(?: +(?:\"{_IN_QUOTES}\"|'{_IN_QUOTES}'|{_PLAIN_VALUE}|\[{_PLAIN_VALUE}\]))?|[ ]*- +{_PLAIN_VALUE})"
    r" *\n)*"
)
_FastLoader: Any = None
if yaml.__with_libyaml__:

    class _LoaderInC(yaml.CSafeLoader):
        yaml_implicit_resolvers = _resolvers()

    _FastLoader = _LoaderInC
