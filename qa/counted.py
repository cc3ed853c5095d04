"""How many of something else: "how much sugar?" and then "and oil?"."""

from __future__ import annotations

import re

from embeddings.words import fold
from qa.alike import bundled_alike
from qa.items import MEASURE

_UNIT = r"(?:毫升|升|千?克|公?斤|勺|颗|个|片|条|名|位|座|台|辆|种|家|只|块|件|份)"
_COUNTED = re.compile(
    rf"(?:多少|几){_UNIT}?(?P<what>(?!{_UNIT}?[?？]?$)(?!元|钱|[次年天岁倍度级里]|[{MEASURE}样回届批代层节段处组集首套间幅][?？]?$|小时|分钟|公里|[平立]方)[㐀-鿿]{{1,6}})[?？]?$"
)


def counted(question: str, named: str, topic: str) -> tuple[str, bool]:
    """``question`` with ``named`` for what it counts, and whether that is rather such a thing than it is like the
    ``topic``; "" where the question counts nothing by name.
    """
    found = _COUNTED.search(fold(question))
    if not found or fold(found["what"]) == fold(named) or len(named) > len(found["what"]) + LONGER:
        return "", False
    near, far = bundled_alike().closeness(fold(named), [found["what"], fold(topic)])
    start, end = found.span("what")
    return question[:start] + named + question[end:], near > far


LONGER = 3
"""Characters that a name may have more than what it is counted instead of."""
