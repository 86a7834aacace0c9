"""Dates in a question: "last month", "in March", "between 3 and 9 May 2026" → an inclusive range of days.

Promises: pure; everything is resolved against ``as_of``; a month or day without a year is the latest that is not
after ``as_of`` ("in December" asked in January is last year's); weeks begin on Monday. Plain words that only look
like months ("may I", "march on") are left alone.

Held by tests/unit/actors/test_dates.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from runtime.errors import Invalid

EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_COUNTED, start=1)} | {
    "a": 1,
    "an": 1,
    "couple of": 2,
    "few": 3,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_COUNT = r"(?:\d{1,3}|a couple of|couple of|" + "|".join(w for w in _NUMBERS if " " not in w) + ")"
_UNIT = r"(?:days?|weeks?|months?|quarters?|years?)"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}

# One point or period in time, tried in this order at each place.
_POINTS: tuple[str, ...] = (
    rf"(?P<iso>{_YEAR}-\d\d-\d\d)",
    rf"(?P<isomonth>{_YEAR}-\d\d)(?!\d)",
    r"(?P<dmy>\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)",
    rf"(?:the\s+)?(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>{_YEAR}))?",
    rf"(?P<m2>{_MONTH})\.?\s+(?:the\s+)?(?P<d2>{_DAY})\b(?!\s*(?:%|percent))(?:,?\s+(?P<y2>{_YEAR}))?",
    rf"(?P<m3>{_MONTH})\b\.?,?(?:\s+(?:of\s+)?(?P<y3>{_YEAR}))",
    rf"(?P<rel4>last|this|previous|past|next)\s+(?P<m4>{_MONTH})\b",
    rf"(?P<m6>{_MONTH})\s+(?:of\s+)?(?P<rel6>last|this)\s+year",
    rf"(?P<m5>{_MONTH})\b\.?",
    r"(?:the\s+)?(?P<qo>first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter"
    rf"(?:\s+(?:of\s+)?(?P<qoy>{_YEAR}|last year|this year))?",
    rf"q(?P<q>[1-4])(?:\s+(?:of\s+)?(?P<qy>{_YEAR}))?\b",
    r"(?P<dby>the\s+day\s+before\s+yesterday)",
    r"(?P<today>today|yesterday)",
    r"(?P<mbl>the\s+(?:month|week|year|quarter)\s+before\s+last)",
    rf"(?:the\s+)?(?P<half>first|second)\s+half\s+of\s+(?:the\s+)?(?P<hy>{_YEAR}|this year|last year|year)",
    rf"(?:(?:in|within|during|over|for)\s+)?(?:the\s+)?(?:last|past|previous)\s+(?P<n>{_COUNT})\s+(?P<nu>{_UNIT})",
    rf"(?P<an>{_COUNT})\s+(?P<au>{_UNIT})\s+ago",
    r"(?:(?:the|this)\s+)?(?P<rel>last|this|current|previous|past)\s+(?P<unit>week|month|quarter|year|weekend)",
    r"(?:the\s+)?(?P<begin>beginning|start)\s+of\s+(?:the|this)\s+(?P<bu>week|month|quarter|year)",
    rf"(?:last|this|on|past)\s+(?P<wd>{'|'.join(_WEEKDAYS)})\b",
    rf"(?:in\s+)?(?P<y>{_YEAR})(?![\d-])",
)
_POINT = re.compile("|".join(f"(?:{point})" for point in _POINTS), re.IGNORECASE)
_BETWEEN = re.compile(
    r"(?:between|from)\s+(?P<first>[^?!;]{1,40}?)\s+(?:and|to|until|till|through|-|–)\s+", re.IGNORECASE
)
_LEAD = re.compile(
    r"\b(?P<word>since|from|starting(?:\s+from)?|after|before|until|till|up\s+to|by|on|in|during|within|over|for|"
    r"throughout|at|of|dated)\s+(?:the\s+month\s+of\s+|early\s+|late\s+|mid[- ])?$",
    re.IGNORECASE,
)
_ONWARDS = re.compile(r"\s+(?:onwards?|on)\b", re.IGNORECASE)
_BARE_DAY = re.compile(rf"^(?:the\s+)?{_DAY}$", re.IGNORECASE)
_CAREFUL = {"may", "march", "mar", "sep", "sept", "dec", "jan", "oct", "second"}  # words that need a lead or a year


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Inclusive days."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        if self.first == self.last:
            return f"on {_long(self.first)}"
        if self.first == EARLIEST:
            return f"up to {_long(self.last)}"
        if self.last == LATEST:
            return f"since {_long(self.first)}"
        return f"between {_long(self.first)} and {_long(self.last)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateSpan:
    """Where in the question a date stands (with its preposition), and what it means."""

    start: int
    end: int
    range: DateRange


def as_of_day(told: str | None, now: float) -> date:
    """The day that a question is asked as of: the one ``told`` (ISO), else that of ``now`` (Unix seconds) in UTC.

    Raises Invalid where ``told`` is no date.
    """
    if not told:
        return datetime.fromtimestamp(now, UTC).date()
    try:
        return date.fromisoformat(told[:10])
    except ValueError as error:
        raise Invalid(f"{told[:40]!r} is not a date.", do="Give as_of as YYYY-MM-DD.") from error


def find_dates(text: str, as_of: date) -> list[DateSpan]:
    """Every date expression, in order, none overlapping."""
    found: list[DateSpan] = []
    at = 0
    while at < len(text):
        span = _between(text, at, as_of) or _single(text, at, as_of)
        other = _single(text, at, as_of)
        if span is not None and other is not None and other.end <= span.start:
            span = other
        if span is None:
            break
        found.append(span)
        at = max(span.end, at + 1)
    return found


# ------------------------------------------------------------------------------------------------------------- spans


def _between(text: str, at: int, as_of: date) -> DateSpan | None:
    for lead in _BETWEEN.finditer(text, at):
        second = _POINT.match(text, lead.end())
        if second is None:
            continue
        last = _resolve(second, as_of)
        first = _endpoint(lead["first"].strip(), second, as_of)
        if first is None or last is None:
            continue
        if first.first > last.last:  # "between December and January"
            first = DateRange(first=first.first - relativedelta(years=1), last=first.last)
        return DateSpan(
            start=lead.start(), end=second.end(), range=DateRange(first=first.first, last=max(first.first, last.last))
        )
    return None


def _endpoint(words: str, second: re.Match[str], as_of: date) -> DateRange | None:
    """The first end: whole by itself, or sharing month and year with the second ("between 3 and 9 May 2026")."""
    last = _resolve(second, as_of)
    if _BARE_DAY.match(words) and last is not None:
        day = int(re.sub(r"\D", "", words))
        return _guard(lambda: last.first.replace(day=day))
    point = _POINT.fullmatch(words)
    if point is None:
        return None
    year = second["y1"] or second["y2"] or second["y3"]
    if year and not re.search(_YEAR, words):
        shared = _POINT.fullmatch(f"{words} {year}")
        return _resolve(shared, as_of) if shared else None
    return _resolve(point, as_of)


def _single(text: str, at: int, as_of: date) -> DateSpan | None:
    for point in _points(text, at):
        lead = _LEAD.search(text, at, point.start())
        word = " ".join(lead["word"].casefold().split()) if lead else ""
        if _is_plain_word(point, word, text):
            continue
        meant = _resolve(point, as_of)
        if meant is None:
            continue
        onwards = _ONWARDS.match(text, point.end())
        return DateSpan(
            start=lead.start() if lead else point.start(),
            end=onwards.end() if onwards else point.end(),
            range=_open_ended(meant, word, onwards is not None, as_of),
        )
    return None


def _points(text: str, at: int) -> Iterator[re.Match[str]]:
    for point in _POINT.finditer(text, at):
        before = text[point.start() - 1] if point.start() else " "
        after = text[point.end()] if point.end() < len(text) else " "
        if not (before.isalnum() or before in "-/#_@") and not (after.isalnum() or after in "_@"):
            yield point


def _is_plain_word(point: re.Match[str], lead: str, text: str) -> bool:
    """ "may", "march" or a bare year number without a preposition are not dates."""
    month = point["m5"]
    if month:
        name = month.casefold()
        if lead in ("", "over", "for", "at", "of", "by") and name in _CAREFUL and not month[0].isupper():
            return True
        return not lead and name in _CAREFUL and (point.start() == 0 or text[: point.start()].rstrip()[-1:] in ".?!")
    if point["y"]:
        return not (lead or point.group(0).casefold().startswith("in"))
    return False


def _open_ended(meant: DateRange, lead: str, onwards: bool, as_of: date) -> DateRange:
    if lead in ("since", "starting", "starting from") or (lead == "from" and onwards):
        return DateRange(first=meant.first, last=max(as_of, meant.last))
    if lead == "after":
        return DateRange(first=meant.last + timedelta(days=1), last=LATEST)
    if lead == "before":
        return DateRange(first=EARLIEST, last=meant.first - timedelta(days=1))
    if lead in ("until", "till", "up to", "by"):
        return DateRange(first=EARLIEST, last=meant.last)
    return meant


# ---------------------------------------------------------------------------------------------------------- meanings


def _resolve(found: re.Match[str], as_of: date) -> DateRange | None:
    g = found.groupdict()
    if g["iso"]:
        return _guard(lambda: date.fromisoformat(g["iso"]))
    if g["isomonth"]:
        year, month = map(int, g["isomonth"].split("-"))
        return _month(year, month) if 1 <= month <= 12 else None
    if g["dmy"]:
        day, month, year = (int(part) for part in re.split(r"[./]", g["dmy"]))
        return _guard(lambda: date(year, month, day)) if month <= 12 else _guard(lambda: date(year, day, month))
    for d, m, y in (("d1", "m1", "y1"), ("d2", "m2", "y2")):
        if g[m]:
            return _day_of(int(re.sub(r"\D", "", g[d])), _month_number(g[m]), g[y], as_of)
    if g["m3"]:
        return _month(int(g["y3"]), _month_number(g["m3"]))
    return _resolve_month(g, as_of) or _resolve_relative(g, as_of)


def _resolve_month(g: dict[str, str], as_of: date) -> DateRange | None:
    if g["m4"] or g["m5"]:
        month = _month_number(g["m4"] or g["m5"])
        year = as_of.year if month <= as_of.month else as_of.year - 1
        relation = (g["rel4"] or "").casefold()
        if relation == "this":
            year = as_of.year
        elif relation == "next":
            year = as_of.year if month > as_of.month else as_of.year + 1
        elif relation and month == as_of.month:
            year = as_of.year - 1
        return _month(year, month)
    if g["m6"]:
        return _month(as_of.year - (g["rel6"].casefold() == "last"), _month_number(g["m6"]))
    if g["qo"] or g["q"]:
        number = _ORDINALS[g["qo"].casefold()] if g["qo"] else int(g["q"])
        told = (g["qoy"] or g["qy"] or "").casefold()
        year = int(told) if told.isdigit() else as_of.year - (told == "last year")
        if not told and (number - 1) * 3 + 1 > as_of.month:
            year -= 1
        first = date(year, (number - 1) * 3 + 1, 1)
        return DateRange(first=first, last=first + relativedelta(months=3, days=-1))
    if g["half"]:
        told = g["hy"].casefold()
        year = int(told) if told.isdigit() else as_of.year - (told == "last year")
        first = date(year, 1 if g["half"].casefold() == "first" else 7, 1)
        return DateRange(first=first, last=first + relativedelta(months=6, days=-1))
    return None


def _resolve_relative(g: dict[str, str], as_of: date) -> DateRange | None:
    if g["dby"]:
        return _one(as_of - timedelta(days=2))
    if g["today"]:
        return _one(as_of - timedelta(days=g["today"].casefold() == "yesterday"))
    if g["mbl"]:
        return _period(g["mbl"].split()[1].casefold(), as_of, 2)
    if g["n"]:
        return DateRange(first=_back(as_of, _count(g["n"]), g["nu"]), last=as_of)
    if g["an"]:
        return _one(_back(as_of, _count(g["an"]), g["au"]))
    if g["rel"]:
        return _period(g["unit"].casefold(), as_of, 0 if g["rel"].casefold() in ("this", "current") else 1)
    if g["begin"]:
        return _one(_period(g["bu"].casefold(), as_of, 0).first)
    if g["wd"]:
        back = (as_of.weekday() - _WEEKDAYS.index(g["wd"].casefold())) % 7
        return _one(as_of - timedelta(days=back or 7))
    if g["y"]:
        return DateRange(first=date(int(g["y"]), 1, 1), last=date(int(g["y"]), 12, 31))
    return None


def _period(unit: str, as_of: date, back: int) -> DateRange:
    """The calendar week, month, quarter or year ``back`` before the one of ``as_of``."""
    if unit in ("week", "weekend"):
        monday = as_of - timedelta(days=as_of.weekday(), weeks=back)
        return DateRange(first=monday + timedelta(days=5 * (unit == "weekend")), last=monday + timedelta(days=6))
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    begin = date(as_of.year, (as_of.month - 1) // months * months + 1, 1) - relativedelta(months=months * back)
    return DateRange(first=begin, last=begin + relativedelta(months=months, days=-1))


def _back(as_of: date, count: int, unit: str) -> date:
    """``count`` units before ``as_of``."""
    name = unit.casefold().rstrip("s")
    step = {"day": relativedelta(days=count), "week": relativedelta(weeks=count), "month": relativedelta(months=count),
            "quarter": relativedelta(months=3 * count), "year": relativedelta(years=count)}[name]  # fmt: skip
    return as_of - step


def _day_of(day: int, month: int, year: str | None, as_of: date) -> DateRange | None:
    if year:
        return _guard(lambda: date(int(year), month, day))
    for candidate in range(as_of.year, as_of.year - 5, -1):  # 29 February may lie four years back
        found = _guard(lambda candidate=candidate: date(candidate, month, day))  # type: ignore[misc]
        if found is not None and found.first <= as_of:
            return found
    return None


def _month(year: int, month: int) -> DateRange:
    first = date(year, month, 1)
    return DateRange(first=first, last=first + relativedelta(months=1, days=-1))


def _one(day: date) -> DateRange:
    return DateRange(first=day, last=day)


def _guard(make: Callable[[], date]) -> DateRange | None:
    try:
        return _one(make())
    except ValueError:
        return None


def _count(words: str) -> int:
    text = " ".join(words.casefold().split()).removeprefix("a couple").strip() or "couple of"
    if text.isdigit():
        return int(text)
    return 2 if text in ("of", "couple of") else _NUMBERS.get(text, 1)


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, start=1) if month.startswith(name.casefold()[:3]))


def _long(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"
