"""Dates as people write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any


def iso_date(value: Any) -> str:
    """``value`` as "2019-02-25" or "2019-02-25T17:40:09" (+ its zone, if it names one); "" if unreadable.

    Reads ISO, 2019/2/25, 2019.2.25, 2019年2月25日, 25 Feb 2019, February 25, 2019, 20190225, RFC 2822,
    PDF dates and seconds or milliseconds since 1970. A date without a day is unreadable: none is made up.
    """
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = " ".join(str(value)[:200].split()).translate(_HALF_WIDTH)
    try:
        return _since_1970(text) or _written(text)
    except (ValueError, OverflowError):
        return ""


_HALF_WIDTH = str.maketrans("０１２３４５６７８９：／－．", "0123456789:/-.")
_MONTHS = {name: number for number, name in enumerate(
    "jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # fmt: skip
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = r"(?:[a-z]{3,9}\.?,?\s+)?"
_CLOCK = (
    r"(?:[\sT,，]*(?:星期|周)?[一二三四五六日天]?\s*(?P<half>上午|下午|晚上|中午|凌晨|早上)?\s*"
    r"(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})?分?(?::?(?P<second>\d{1,2})秒?(?:[.,]\d{1,9})?)?"
    r"\s*(?P<ampm>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{1,2}(?:[:']?\d{2})?'?|(?:utc|gmt)[+-]\d{1,2}(?::?\d{2})?)?"
    r"(?:\s*\([^()]{1,40}\))?)?\s*$"
)
_FORMS = tuple(re.compile(form, re.IGNORECASE) for form in (
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?" + _CLOCK,
    _WEEKDAY + _MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?:\s+at)?" + _CLOCK,
    _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _MONTH + r",?[\s-]+(?P<year>\d{4})" + _CLOCK,
    (r"(?:d:)?(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T\s]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>z|[+-]\d{2}'?(?:\d{2})?'?)?(?:00'00'?)?)?$"),
))  # fmt: skip


def _since_1970(text: str) -> str:
    if not re.fullmatch(r"\d{10}|\d{13}|\d{10}\.0", text):
        return ""
    seconds = int(text.partition(".")[0]) / (1000 if len(text) == 13 else 1)
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _written(text: str) -> str:
    match = next(filter(None, (form.match(text) for form in _FORMS)), None)
    if match is None:
        return ""
    part = match.groupdict()
    month = int(part["month"]) if part.get("month") else _MONTHS[part["name"].lower()]
    day = date(int(part["year"]), month, int(part["day"]))
    if part["hour"] is None:
        return day.isoformat()
    hour = int(part["hour"])
    late = (part.get("half") or "") in ("下午", "晚上") or (part.get("ampm") or "").lower().startswith("p")
    if late and hour < 12:
        hour += 12
    elif (part.get("ampm") or "").lower().startswith("a") and hour == 12:
        hour = 0
    moment = datetime(
        day.year,
        day.month,
        day.day,
        hour,
        int(part["minute"] or 0),
        int(part["second"] or 0),
        tzinfo=_zone(part["zone"]),
    )
    return moment.isoformat(timespec="seconds")


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    match = re.search(r"([+-])(\d{1,2})\D?(\d{2})?", text)
    if match is None:
        return UTC
    shift = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-shift if match[1] == "-" else shift)
