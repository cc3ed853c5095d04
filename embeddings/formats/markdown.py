"""Markdown as blogs and note-takers write it, to the text that its reader sees."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from embeddings.formats.encoding import decode
from embeddings.formats.frontmatter import split_front_matter
from embeddings.formats.html import fragment_blocks
from embeddings.formats.lines import joined, unwrapped
from embeddings.formats.loaded import Block, Loaded, assemble, one_line, without_long_gaps
from embeddings.formats.untidy import without_repeated_lead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LARGEST_PARSED = 500_000
LONGEST_LINE = 50_000
"""Characters; above either, the article is read line by line instead of parsed."""

_DEEPEST = 100
"""Levels; a list takes two. The parser leaves out, silently, what lies deeper."""


def load_markdown(data: bytes, source: str) -> Loaded:
    """The article as its reader sees it: no marks, comments, tags or front matter, but all its words.

    A heading is a line of its own, a list item a line with "- " or "1. ", a table row a line with
    " | " between its cells; code stays as it is, a link is its text, an image its description.
    """
    text, notes = decode(data, source)
    fields, body, more = split_front_matter(text)
    body, repeated = without_repeated_lead(body)
    notes = (*notes, *more, *repeated)
    if len(body) > LARGEST_PARSED or _has_longer_line(body, LONGEST_LINE):
        blocks = None
        why = f"{len(body)} characters, or a line of over {LONGEST_LINE}"
    else:
        blocks = _parsed(_without_extensions(body))
        why = "lists or quotations nested too deep"
    if blocks is None:
        notes = (*notes, f"{why}: read line by line, marks may remain")
        blocks = _line_by_line(without_long_gaps(body))
    read, headings = assemble(blocks)
    return Loaded(read, fields=fields, headings=headings, notes=notes)


def _has_longer_line(text: str, limit: int) -> bool:
    at = 0
    while at + limit < len(text):
        end = text.rfind("\n", at, at + limit + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def _without_extensions(body: str) -> str:
    """``body`` without comments, scripts and the tags of Hexo, Jekyll and Obsidian; code untouched."""
    kept: list[str] = []
    never_closed: set[str] = set()  # so that a page of unclosed marks is not searched again and again
    at = 0
    while match := _extension(body, at):
        kept.append(body[at : match.start()])
        opening = (match["opening"] or "").lower().split(" ")[0].rstrip(">")
        closing = None
        if opening and opening not in never_closed:
            closing = _CLOSING[opening].search(body, match.end())
            if closing is None:
                never_closed.add(opening)
        at = match.end() if closing is None else closing.end()
        words = "" if closing else match[0] if opening else _plain_extension(match)
        if words:
            kept.append(words)
        else:
            at = _past_empty_line(body, match.start(), at)
    kept.append(body[at:])
    return "".join(kept)


def _extension(body: str, at: int) -> re.Match[str] | None:
    """The first match of _EXTENSION from ``at``: by the characters that begin one, in a fifth of the time."""
    for mark in _EXTENSION_MARK.finditer(body, at):
        line = body.rfind("\n", at, mark.start()) + 1 or at  # a fence may be indented
        indent = body[line : mark.start()]
        begun = line if len(indent) <= 3 and not indent.strip(" ") else mark.start()
        match = _EXTENSION.match(body, begun) or _EXTENSION.match(body, mark.start())
        if match:
            return match
    return None


def _past_empty_line(body: str, start: int, end: int) -> int:
    """``end``, past the line break where a mark that is taken out leaves one more empty line."""
    rest = _REST.match(body, end)
    if rest is None or body[start - 1 : start] not in ("", "\n"):
        return end
    return rest.end() if rest["empty"] is not None or body[max(start - 2, 0) : start] in ("", "\n\n") else end


def _plain_extension(match: re.Match[str]) -> str:
    if match["code"]:
        return match[0]
    if match["tag"]:
        quoted = (pair[0] or pair[1] for pair in _QUOTED.findall(match["tag"]))
        return " ".join(text for text in quoted if not _NO_WORDS.fullmatch(text))
    if match["wiki"] is not None:
        name = match["wiki"].strip()
        is_file = match["embed"] and _FILE.search(name)
        return "" if is_file else (match["label"] or name).strip()
    return match["marked"] or ""


# Code first: what stands in code is no extension. Lengths are bounded, or marks that are never
# closed would take quadratic time.
_EXTENSION = re.compile(
    r"(?P<code>^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*(?:\n(?![ ]{0,3}(?P=fence))[^\n]*)*(?:\n[^\n]*)?"
    r"|(?<!`)(?P<tick>`{1,3})(?!`)[^`\n]{1,300}(?P=tick)(?!`))"
    r"|(?P<opening><!--|%%|<(?:script|style|iframe)(?:>| [^<>]{0,1000}>))"
    r"|\{%(?P<tag>(?:(?!%\})[^\n]){1,300})%\}"
    r"|(?P<embed>!?)\[\[(?P<wiki>[^\[\]|\n]{1,300})(?:\|(?P<label>[^\[\]\n]{1,300}))?\]\]"
    r"|==(?P<marked>(?![\s=])[^\n=]{1,300}(?<!\s))==(?!=)"
    r"|^\{:[^{}\n]{0,300}\}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_EXTENSION_MARK = re.compile(r"[`~<{]|%(?=%)|!?\[(?=\[)|=(?==)")
_CLOSING = {
    "<!--": re.compile("-->"),
    "%%": re.compile("%%"),
    "<script": re.compile(r"</script[^<>\n]{0,50}>", re.IGNORECASE),
    "<style": re.compile(r"</style[^<>\n]{0,50}>", re.IGNORECASE),
    "<iframe": re.compile(r"</iframe[^<>\n]{0,50}>", re.IGNORECASE),
}
_REST = re.compile(r"[ \t]*\n(?P<empty>(?=[ \t]*\n))?")
_QUOTED = re.compile(r"\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'")
_NO_WORDS = re.compile(r"[\w./:%?&=#-]*[./:][\w./:%?&=#-]*|\d*|true|false")
_FILE = re.compile(r"\.\w{2,5}$")


def _parsed(body: str) -> Iterator[Block] | None:
    """The blocks of ``body``; None where it nests too deep."""
    tokens = _parser().parse(body)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        return None
    return _top_blocks(_tree(tokens), body.split("\n"))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    parser.block.ruler.at("reference", _link_definition)
    parser.core.ruler.at("inline", _inlines)
    return parser


def _inlines(state: StateCore) -> None:
    """The parser's rule, but for most paragraphs, in which there is nothing to parse."""
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if _INLINE_MARK.search(token.content):
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        elif token.content:
            token.children.append(Token("text", "", 0, content=token.content))


def _link_definition(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """CommonMark's rule, for addresses only: ``[1]: 参见《史记》。`` and ``[^1]: ...`` are text."""
    from markdown_it.rules_block import reference

    found = _DEFINITION.match(state.src, state.bMarks[line] + state.tShift[line])
    return found is not None and reference(state, line, last, silent)


_INLINE_MARK = re.compile(r"[\n\\`~*_\[<&]")
"""Without one of these a paragraph is text as it stands."""

_NO_SPACE = r"[^\s，。、；：！？《》“”（）]"
_DEFINITION = re.compile(
    r"\[(?!\^)[^\[\]\n]{1,300}\]:[ \t>]*\n?[ \t>]*"
    rf"(?:<|\.{{0,2}}/|#|mailto:|[a-z][a-z\d+.-]{{0,20}}://|[\w%-]{{1,100}}/"
    rf"|{_NO_SPACE}{{1,300}}?\.[a-z][a-z\d]{{1,4}}(?!{_NO_SPACE}))",
    re.IGNORECASE | re.ASCII,
)


class _Node:
    """A piece of Markdown: its first token, without "_open" in its type, and what is in it."""

    __slots__ = ("children", "content", "info", "map", "tag", "type")

    def __init__(self, token: Token) -> None:
        self.type = token.type.removesuffix("_open")
        self.tag, self.info, self.map, self.content = token.tag, token.info, token.map, token.content
        self.children: list[_Node] = _tree(token.children) if token.children else []


def _tree(tokens: Iterable[Token]) -> list[_Node]:
    """The nodes that a row of tokens stands for; with markdown-it's own tree, loading takes a quarter longer."""
    found: list[_Node] = []
    open_lists = [found]
    for token in tokens:
        if token.nesting < 0:
            open_lists.pop()
            continue
        node = _Node(token)
        open_lists[-1].append(node)
        if token.nesting > 0:
            open_lists.append(node.children)
    return found


def _top_blocks(nodes: list[_Node], lines: list[str]) -> Iterator[Block]:
    for node in nodes:
        first = node.map[0] if node.map else 0
        far = first >= 2 and not lines[first - 1].strip() and not lines[first - 2].strip()
        for at, block in enumerate(_blocks(node)):
            yield Block(block.text, block.level, far and at == 0)


def _blocks(node: _Node) -> Iterator[Block]:
    if node.type == "heading":
        yield Block(one_line(_inline(node)), int(node.tag[1]))
    elif node.type == "paragraph":
        yield Block(_paragraph(_inline(node)))
    elif node.type in ("bullet_list", "ordered_list"):
        yield Block("\n".join(_list_lines(node)))
    elif node.type == "table":
        rows = (row for part in node.children for row in part.children)  # of its head and its body
        yield Block("\n".join(" | ".join(one_line(_inline(cell)) for cell in row.children) for row in rows))
    elif node.type in ("fence", "code_block"):
        yield Block(node.content)
    elif node.type == "html_block":
        yield from fragment_blocks(node.content)
    elif node.type == "blockquote":
        inner = (block for child in node.children for block in _blocks(child))
        yield from (Block(_CALLOUT.sub("", block.text)) for block in inner)


def _list_lines(node: _Node) -> Iterator[str]:
    for item in node.children:
        mark = f"{item.info}. " if node.type == "ordered_list" else "- "
        blocks = [(child.type, block) for child in item.children for block in _blocks(child)]
        for at, (kind, block) in enumerate(blocks):
            text = joined(block.text.split("\n")) if kind == "paragraph" else block.text
            inner = text.split("\n")
            if at == 0 and kind not in ("bullet_list", "ordered_list"):
                yield mark + inner[0]
                inner = inner[1:]
            yield from (f"  {line}" for line in inner)
        if not blocks:
            yield mark.rstrip()


def _paragraph(text: str) -> str:
    if "\0" in text:  # a break that the writer asked for
        return "\n".join(line.strip() for line in text.replace("\0", "\n").split("\n"))
    return unwrapped(text.split("\n"))


def _inline(node: _Node) -> str:
    """The words of a node; a hard break is NUL, which no text holds."""
    words: list[str] = []
    plain: list[str] = []

    def end_plain() -> None:
        words.append(_LEFT_STRONG.sub(r"\1", "".join(plain)))
        plain.clear()

    for leaf in _leaves(node.children):
        if leaf.type == "code_inline":
            end_plain()
            words.append(leaf.content)
        elif leaf.type == "html_inline":
            plain.append("\0" if _BREAK.match(leaf.content) else "")
        else:
            plain.append({"softbreak": "\n", "hardbreak": "\0"}.get(leaf.type, leaf.content))
    end_plain()
    return "".join(words)


def _leaves(nodes: Iterable[_Node]) -> Iterator[_Node]:
    for node in nodes:
        if node.children:
            yield from _leaves(node.children)
        elif node.type != "image":
            yield node


# ** beside Chinese punctuation is no emphasis to CommonMark, but it was to the writer.
_LEFT_STRONG = re.compile(r"\*\*(?=[^*\n\0]{0,300}[㐀-鿿])([^*\n\0]{1,300})\*\*")
_CALLOUT = re.compile(r"^\[![\w-]+\][+-]?[ \t]*\n?")
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def _line_by_line(body: str) -> Iterator[Block]:
    """A cheap reading: headings, code fences, empty lines; other marks are left where they are."""
    lines: list[str] = []
    fence = ""
    empty = 0
    for raw in body.split("\n"):
        line = raw if len(raw) > LONGEST_LINE else _COMMENT.sub("", raw)
        opening = _FENCE.match(line)
        heading = None if fence else _ATX.match(line[:1_000])
        if opening and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else opening[1]
        elif heading or not (fence or line.strip()):
            if lines:
                yield Block("\n".join(lines), far=empty > 1)
                lines, empty = [], 0
            if heading and len(line) <= 1_000:
                yield Block(heading[2], len(heading[1]), far=empty > 1)
                empty = 0
            elif heading:
                lines.append(line)
            else:
                empty += 1
        else:
            lines.append(line)
    yield Block("\n".join(lines), far=empty > 1)


_COMMENT = re.compile(r"<!--[^>]{0,500}-->")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
