"""Questions to try on a library, made from its own articles; each is known to be answered."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import chain, zip_longest
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from embeddings.chunk import sentences
from qa.facts import LOOKED_INTO, NOWHERE, Made, questions_in_place, topic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.reply import Reply

ASKS = 4
"""Questions asked, at most, for each one wanted."""

MADE = 8
"""Questions made of an article, at most."""

ARTICLES = 40
"""Articles looked into, spread evenly over the library."""


def examples(view: Snapshot, ask: Callable[[str], Reply], n: int, lang: str | None = None) -> list[str]:
    """At most ``n`` questions that ``ask`` answers, the same ones for the same revision of a library.

    The sample library has questions of its own; those in ``lang`` ("zh" or "en") come first. For
    any other library they are made from headings, defining sentences and front matter, in the
    language of each article, taking the articles in turn; such a question counts only where one of
    its answers stands in the article that it was made from.
    """
    rows = view.articles()
    candidates = chain(
        _of_samples({PurePosixPath(row.source).name for row in rows}, lang),
        _of_articles(view, [row.id for row in rows], lang),
    )
    found: list[str] = []
    for asked, (question, article_id) in enumerate(candidates):
        if len(found) == n or asked == ASKS * n:
            break
        # One question about an author shows that it can be asked.
        repeated = bool(_WRITTEN_BY.search(question)) and any(_WRITTEN_BY.search(other) for other in found)
        if question not in found and not repeated and _answers(ask(question), article_id):
            found.append(question)
    return found


def made(article: Article) -> list[str]:
    """Questions that ``article`` looks likely to answer, the most telling first; not yet checked."""
    return list(dict.fromkeys(question.text for question in questions_of(article, MADE)))


def questions_of(article: Article, most: int = 10 * MADE) -> list[Made]:
    """As :func:`made`, with places; of the text's sentences no more are asked once there are ``most``."""
    chinese = language(article.text or article.title) == "zh"
    topic = topic_of(article.title)
    found = [
        Made(question, heading.span.start)
        for heading in article.headings
        if (question := _heading_question(heading.span.of(article.text), topic))
    ]
    for span in sentences(article.text[:LOOKED_INTO]):
        if len(found) >= most:
            break
        asked = _from_sentence(span.of(article.text), article, _ZH if chinese else _EN)
        found.extend(Made(question, span.start) for question in asked)
    if chinese and len(found) < most:
        told = {question.at for question in found}
        found += [one for one in questions_in_place(article.title, article.text) if one.at not in told]
    if article.metadata.author and 0 < len(article.title) <= 40 and not _BRACKETS.search(article.title):
        question = f"《{article.title}》是谁写的？" if chinese else f"Who wrote “{article.title}”?"
        found.append(Made(question, NOWHERE))
    return found


def language(text: str) -> str:
    """The language of ``text``: "zh" where Chinese characters are at least a fifth of its letters."""
    sample = text[:2000]
    letters = sum(char.isalpha() for char in sample)
    return "zh" if 5 * len(_HAN.findall(sample)) >= max(letters, 1) else "en"


_BRACKETS = re.compile(r"[《》“”\"\[\]【】]")
_WRITTEN_BY = re.compile(r"是谁写的？$|^Who wrote ")
_HAN = re.compile(r"[㐀-䶿一-鿿]")

_NAME = r"(?P<x>[一-鿿A-Za-z0-9·-]{2,14}?)(?:[（(][^）)]{1,40}[）)])?"
_ZH = (
    (
        re.compile(
            rf"^{_NAME}(?:正式)?(?P<v>成立|创立|创办|创建|始建|建成|出生|诞生|开通|通车|开业)于\D{{0,4}}\d{{4}}年"
        ),
        "{x}是什么时候{v}的？",
    ),
    (
        re.compile(
            rf"^{_NAME}于\d{{4}}年[^，。；]{{0,8}}?(?P<v>成立|创立|建成|出生|诞生|开通|通车|开业|上市)"
        ),
        "{x}是什么时候{v}的？",
    ),
    (re.compile(rf"^{_NAME}，?(?:位于|坐落于|坐落在|地处)"), "{x}在哪里？"),
    (
        re.compile(
            rf"^{_NAME}(?:是)?由[^，。；]{{2,16}}?(?P<v>主持修建|主持建造|设计|建造|修建|创办|创立|发明|发现|提出|撰写|编写)"
        ),
        "{x}是谁{v}的？",
    ),
    (
        re.compile(rf"^{_NAME}，?(?P<v>全长|总长|海拔|占地|总投资|总面积)(?:约|为|达|有|近|超过)*\d"),
        "{x}{v}多少？",
    ),
    (
        re.compile(
            rf"^{_NAME}的(?P<v>[一-鿿]{{1,6}}(?:度|量|积|数|速|率|额|温|龄|寿命|价|重))(?:约|是|为|达到?|有|近|超过)+\d"
        ),
        "{x}的{v}是多少？",
    ),
    (
        re.compile(rf"^(?:所谓)?{_NAME}[，,]?(?:就是|是指|指的是|是一[种个位项类座条家款门部本]|是由)"),
        "{x}是什么？",
    ),
)
_SUBJECT = r"^(?P<the>[Tt]he )?(?P<x>[A-Z][\w'’-]*(?: [\w'’-]+){0,5}?)(?: \([^)]{1,40}\))?,?"
_MADE = "founded|established|built|completed|opened|launched|published|invented|created|born"
_DONE = "founded|established|built|designed|invented|discovered|created|proposed"
_YEAR = r"(?:in|on)\b[^.,;]{0,20}\b\d{4}\b"
_PLACED = r"(?:located|situated) (?:in|on|at|near)\b"
_EN = (
    (re.compile(rf"{_SUBJECT} (?P<be>was|were) (?P<v>{_MADE}) {_YEAR}"), "When {be} {the}{x} {v}?"),
    (re.compile(rf"{_SUBJECT} (?:was|were) (?P<v>{_DONE}) by [A-Z]"), "Who {v} {the}{x}?"),
    (re.compile(rf"{_SUBJECT} (?P<be>is|was|are|were) {_PLACED}"), "Where {be} {the}{x}?"),
    (
        re.compile(
            rf"{_SUBJECT} (?P<be>is|was) (?:about |over |nearly )?\d[\d,.]* \w+ (?P<v>tall|high|long|deep|wide|thick)\b"
        ),
        "How {v} {be} {the}{x}?",
    ),
    (
        re.compile(rf"{_SUBJECT} (?P<be>was|were) (?P<v>[a-z]+ed)\b[^.,;]{{0,40}} {_YEAR}"),
        "When {be} {the}{x} {v}?",
    ),
    (re.compile(rf"{_SUBJECT} (?P<be>is|are) (?:a|an|the|one of)\b"), "What {be} {the}{x}?"),
)
# A name that opens with one of these points back at another sentence.
_POINTS_BACK = re.compile(
    r"^(?:[这那它他她其此该我你您本有但而也就不如因所当在从对同又还更最并且若即只每各某于]|什么|怎么"
    r"|(?:The|A|An|It|This|That|These|Those|There|He|She|They|We|You|I|In|On|At|For|But|And|What|Which|How|Why|Who"
    r"|When|Where|One|His|Her|Their|Its|Our|My|If|As|Some|Another|Each|Both|Most|Here|Today|All|Not)\b)"
)
_PARTICLE = re.compile(r"[的了着地得是有在和与或为被把]")
_ASKS_ZH = re.compile(r"^什么是.{2,20}$|^.{2,20}(?:是什么|有哪些|是谁)$")

_ASKS_SHORT = re.compile(
    r"^(?:谁|怎[么样]|如何|为[什何]|什么时候|哪[里年])[^，。]*$|(?:在哪里?|是谁|有多[大高长深远])[？?]?$"
)


def _of_samples(names: set[str], lang: str | None) -> Iterator[tuple[str, str]]:
    folder = files("qa") / "samples"
    own = {entry.name for entry in folder.iterdir() if entry.name.endswith(".md")}
    if not own or not own <= names:
        return
    listed = json.loads((folder / "questions.json").read_text("utf-8"))["examples"]
    for entry in sorted(listed, key=lambda entry: entry["lang"] != lang if lang else False):
        yield entry["question"], ""


def _of_articles(view: Snapshot, ids: list[str], lang: str | None) -> Iterator[tuple[str, str]]:
    step = max(1, len(ids) // ARTICLES)
    by_article = [_questions(view, one) for one in ids[::step][:ARTICLES]]
    if lang:
        by_article.sort(key=lambda questions: bool(questions) and language(questions[0][0]) != lang)
    for taken in zip_longest(*by_article):
        yield from (entry for entry in taken if entry)


def _questions(view: Snapshot, article_id: str) -> list[tuple[str, str]]:
    return [(question, article_id) for question in made(view.article(article_id))]


def _answers(reply: Reply, article_id: str) -> bool:
    if not reply.answered:
        return False
    return not article_id or any(s.article.id == article_id for a in reply.answers for s in a.sources)


def _heading_question(heading: str, topic: str) -> str:
    """The question that a heading asks, of the article's ``topic`` where it is short; "" for any other."""
    heading = heading.strip()
    if topic and 3 <= len(heading) <= 12 and topic not in heading and _ASKS_SHORT.search(heading):
        return f"{topic}{heading.rstrip('？?')}？"
    if not 6 <= len(heading) <= 60:
        return ""
    if heading.endswith(("？", "?")):
        return heading
    return f"{heading}？" if _ASKS_ZH.match(heading) else ""


def _from_sentence(
    sentence: str, article: Article, patterns: tuple[tuple[re.Pattern[str], str], ...]
) -> Iterator[str]:
    for pattern, form in patterns:
        match = pattern.match(sentence)
        if match and _is_topic(match["x"], article):
            parts = {name: value or "" for name, value in match.groupdict().items()}
            yield form.format(**{**parts, "the": parts.get("the", "").lower()})
            return


def _is_topic(name: str, article: Article) -> bool:
    """Whether the article speaks of ``name``, so that a question about it makes sense alone."""
    if _POINTS_BACK.match(name) or (_HAN.search(name) and _PARTICLE.search(name)):
        return False
    text = article.text[:LOOKED_INTO]
    return name in article.title or text.find(name, text.find(name) + 1) >= 0
