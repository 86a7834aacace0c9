"""From the words of a question to items: phrases of the grammar, tables, columns, values, numbers and dates.

The longest span wins; of equal ones the database's own name over a phrase when it has several words, and a phrase over
a name when it has one. A word that is none of these, nor one slip away from a name, ends the reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from actors.database.facts import TableFacts
from actors.database.planner.lexicon import LONGEST, NUMBERS, PHRASES
from actors.database.planner.reading import NotReadError
from actors.database.planner.vocabulary import Column, Value, Vocabulary
from actors.database.planner.words import Token, key, tokens
from actors.dates import DateRange, find_dates

_SPAN = 5


@dataclass(slots=True, kw_only=True)
class Item:
    what: str  # a phrase's, or: table, column, value, number, text, date
    text: str
    value: str = ""
    hints: tuple[str, ...] = ()
    number: float | int = 0
    tables: list[TableFacts] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    period: DateRange | None = None


def link(question: str, vocabulary: Vocabulary, as_of: date) -> tuple[list[Item], list[str]]:
    """The items in order, without fillers, and doubts (slips that were mended). Raises NotReadError."""
    spans = find_dates(question, as_of)
    found: list[Item] = []
    doubts: list[str] = []
    words = tokens(question)
    at = 0
    while at < len(words):
        span = next((each for each in spans if each.start <= words[at].start < each.end), None)
        if span is not None:
            found.append(Item(what="date", text=question[span.start : span.end], period=span.range))
            while at < len(words) and words[at].start < span.end:
                at += 1
            continue
        item, length = _longest(words, at, vocabulary)
        if item is None:
            near = vocabulary.near(words[at].stem)
            item = _named(near, words[at].text, vocabulary) if near else None
            if item is None:
                raise NotReadError(f"I don't know what “{words[at].text}” is in this database.")
            doubts.append(f"“{words[at].text}” was read as “{near}”")
            length = 1
        if item.what != "filler" and not (item.what == "and" and found and found[-1].what == "and"):
            found.append(item)
        at += length
    return found, doubts


def _longest(words: list[Token], at: int, vocabulary: Vocabulary) -> tuple[Item | None, int]:
    first = words[at]
    if first.kind == "quoted":
        return Item(what="text", text=first.text, values=vocabulary.values.get(first.stem, [])), 1
    if first.kind == "number":
        digits = first.text.replace(",", "")
        return Item(what="number", text=first.text, number=float(digits) if "." in digits else int(digits)), 1
    for length in range(max(_SPAN, LONGEST), 0, -1):
        span = words[at : at + length]
        if len(span) < length or any(token.kind in ("quoted", "number") for token in span):
            continue
        phrase = PHRASES.get(tuple(token.text.lower() for token in span))
        named = (
            _named(key([token.stem for token in span]), " ".join(t.text for t in span), vocabulary)
            if length <= _SPAN
            else None
        )
        if named is not None and (length > 1 or phrase is None):
            return named, length
        if phrase is not None:
            item = Item(what=phrase.what, value=phrase.value, hints=phrase.hints, text=" ".join(t.text for t in span))
            if named is not None:
                item.columns, item.tables = named.columns, named.tables
            return item, length
    if first.text.lower() in NUMBERS:
        return Item(what="number", text=first.text, number=NUMBERS[first.text.lower()]), 1
    return None, 1


def _named(word: str, text: str, vocabulary: Vocabulary) -> Item | None:
    tables, columns = vocabulary.tables_named(word), vocabulary.columns_named(word)
    values = vocabulary.values.get(word, [])
    if tables or columns:
        return Item(what="table" if tables else "column", text=text, tables=tables, columns=columns, values=values)
    if values:
        return Item(what="value", text=text, values=values)
    tables, columns = vocabulary.meant(word)
    if tables or columns:
        return Item(what="table" if tables else "column", text=text, tables=tables, columns=columns)
    return None
