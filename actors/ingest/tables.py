"""Typed sources: what a table's rows are, which column identifies and which one names a row; mails as rows too.

Promises: pure; column names are lower case with underscores; a row's id depends on its own cells alone.

Held by tests/unit/actors/ingest/test_tables.py.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from actors.ingest.kinds import is_empty, kind_of
from actors.ingest.parsed import Mail, Parsed, Table
from actors.ports import Column, ColumnKind, EntityType, ForeignKey, Scalar

MAX_SAMPLES = 50
MAX_CELL = 2_000  # characters of a cell that are kept as a property
MAX_BODY = 8_000  # of a mail's body
MAIL = "mail"

_ID = re.compile(r"(?:^|_)(?:id|code|number|no|nr|num|key|sku|ref|reference|uuid|isbn|ean)$")
_CODE = re.compile(r"(?=.*\d)[\w./#-]{2,40}")
_TELLS_APART = 0.6  # distinct values per filled row that a label has at least
_FIRST = frozenset({"first_name", "firstname", "given_name", "forename"})
_LAST = frozenset({"last_name", "lastname", "surname", "family_name"})
_LABEL = ("name", "title", "label", "full_name", "fullname", "product_name", "display_name", "subject", "description")
_NOISE = frozenset(
    re.findall(
        r"\w+",
        """list export exports data table tables dataset catalogue catalog report sheet master file dump all full final
        copy new old db tbl csv xlsx sample samples demo test extract overview register registry record records log of
        the and current latest active jan feb mar apr may jun jul aug sep oct nov dec january february march april june
        july august september october november december q1 q2 q3 q4""",
    )
)
_IRREGULAR = {"people": "person", "persons": "person", "children": "child", "men": "man", "women": "woman"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its key within the type, the name a person would call it by, its cells, and where it is rendered."""

    key: str
    label: str
    cells: Mapping[str, Scalar]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A typed source with its rows."""

    type: EntityType
    rows: Sequence[Row]


def typed_tables(parsed: Parsed, *, document_id: str, version: int) -> list[TypedTable]:
    """Every typed source of a document: its tables, or the mail it is."""
    found = [_typed(table, document_id, version) for table in parsed.tables if table.rows]
    if parsed.mail is not None:
        found.append(_mail(parsed.mail, parsed.text, document_id, version))
    return [table for table in found if table.rows]


def row_id(type: str, key: str) -> str:
    """The graph's entity id of a row."""
    return f"row:{type}:{key}"


def type_name(name: str, columns: Sequence[str] = ()) -> str:
    """What one row is called: "Orders_2026-10 (final)" is "order". Else told by an "order_id" column, or "record"."""
    words = [w for w in re.split(r"[^a-z]+", _snake(name)) if len(w) > 1 and w not in _NOISE]
    if not words:
        stems = [_ID.sub("", c) for c in columns if _ID.search(c)]
        words = next((stem.split("_") for stem in stems if stem), ["record"])
    return "_".join([*words[:-1], singular(words[-1])][-3:])


def singular(word: str) -> str:
    """An English noun's singular, good enough for a name ("categories", "boxes", "orders")."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:ss|sh|ch|x|zz)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not re.search(r"(?:ss|us|is|news)$", word) else word


def column_name(header: str) -> str:
    """A header as a property's and relation's name: "Customer E-mail" is "customer_email"."""
    return _snake(re.sub(r"(?i)\be[\s-]mail", "email", header)) or "column"


def _typed(table: Table, document_id: str, version: int) -> TypedTable:
    names = _distinct([column_name(h) for h in table.header])
    cells = [[row[i] if not is_empty(row[i]) else "" for row in table.rows] for i in range(len(names))]
    _add_full_name(names, cells)
    kinds = [kind_of(name, [c for c in column if c]) for name, column in zip(names, cells, strict=True)]
    columns = [
        _column(name, kind, [_value(c, read) for c in column])
        for name, (kind, read), column in zip(names, kinds, cells, strict=True)
    ]
    name_of_row = type_name(table.name, names)
    key = _declared_key(table, columns) or key_column(columns, name_of_row)
    label = label_column(columns, name_of_row, rows=len(table.rows), key=key)
    # Lines of an order have no key of their own: people call them by the order's.
    declared = key or next((c.name for c in columns if _key_rank(c, name_of_row) == 0), None)
    rows = []
    seen: Counter[str] = Counter()
    for number, span in enumerate(table.spans):
        values = {name: _value(cells[i][number], kinds[i][1]) for i, name in enumerate(names)}
        own = {name: value for name, value in values.items() if value is not None}
        if not own:
            continue
        base = key_text(cells[names.index(key)][number]) if key else _digest(own)
        seen[base] += 1
        title = str(own.get(label or "") or own.get(declared or "") or "")
        rows.append(
            Row(key=base if seen[base] == 1 else f"{base}#{seen[base]}", label=title or base, cells=own, span=span)
        )
    entity_type = EntityType(
        name=name_of_row,
        document_id=document_id,
        version=version,
        columns=tuple(columns),
        key=key,
        label=label,
        rows=len(rows),
        foreign_keys=tuple(
            ForeignKey(column=column_name(r.column), to_type=type_name(r.to_table), to_column=column_name(r.to_column))
            for r in table.references
        ),
    )
    return TypedTable(type=entity_type, rows=rows)


def _declared_key(table: Table, columns: Sequence[Column]) -> str | None:
    """The column that the table's source declares as its key, where the rows bear it out."""
    named = column_name(table.key) if table.key else ""
    return next((c.name for c in columns if c.name == named and c.unique and c.filled == 1.0), None)


def _add_full_name(names: list[str], cells: list[list[str]]) -> None:
    """A table of people with first and last names gets a "name" of both: that is what people are called by."""
    first = next((n for n in names if n in _FIRST), None)
    last = next((n for n in names if n in _LAST), None)
    if first is None or last is None or any(n in names for n in ("name", "full_name")):
        return
    both = [f"{a} {b}".strip() for a, b in zip(cells[names.index(first)], cells[names.index(last)], strict=True)]
    if len(set(both)) >= _TELLS_APART * len(both):
        names.append("name")
        cells.append(both)


def _mail(mail: Mail, text: str, document_id: str, version: int) -> TypedTable:
    first = next(((n, a) for n, a in mail.to if a), ("", ""))
    told: list[tuple[str, ColumnKind, str | None]] = [
        ("message_id", "text", mail.message_id),
        ("from", "email", mail.from_address),
        ("from_name", "text", mail.from_name),
        ("to", "email", first[1]),
        ("subject", "text", mail.subject),
        ("date", "date", mail.sent_on),
        ("body", "text", text[mail.body[0] : mail.body[1]][:MAX_BODY]),
        ("in_reply_to", "text", mail.in_reply_to),
    ]
    columns = tuple(_column(name, kind, [value or None]) for name, kind, value in told)
    cells = {name: value for name, _, value in told if value}
    source = EntityType(
        name=MAIL, document_id=document_id, version=version, columns=columns, key="message_id", label="subject", rows=1
    )
    row = Row(key=mail.message_id, label=mail.subject or mail.message_id, cells=cells, span=(0, len(text)))
    return TypedTable(type=source, rows=[row])


def _column(name: str, kind: ColumnKind, values: Sequence[Scalar]) -> Column:
    filled = [str(value) for value in values if value is not None]
    distinct = list(dict.fromkeys(filled))
    return Column(
        name=name,
        kind=kind,
        unique=bool(filled) and len(distinct) == len(filled),
        filled=len(filled) / len(values) if values else 0.0,
        distinct=len(distinct),
        samples=tuple(value[:200] for value in distinct[:MAX_SAMPLES]),
    )


def key_column(columns: Sequence[Column], type: str) -> str | None:
    """The column that identifies a row: unique and filled; a declared identifier of this type before any other."""
    able = [c for c in columns if c.unique and c.filled == 1.0]
    ranked = sorted((_key_rank(c, type), place) for place, c in enumerate(able))
    ranked = [(rank, place) for rank, place in ranked if rank < 9]
    return able[ranked[0][1]].name if ranked else None


def _key_rank(column: Column, type: str) -> int:
    name = column.name
    stem = singular(_ID.sub("", name)) if _ID.sub("", name) else ""
    declared = bool(_ID.search(name)) and column.kind in ("text", "number")
    of_this = singular(name) == type or name == "id" or (stem in (type, type.rsplit("_", 1)[-1]) and bool(stem))
    codes = column.kind == "text" and all(_CODE.fullmatch(value) for value in column.samples)
    if of_this and (declared or codes):
        return 0
    if declared:
        return 2 if stem else 1
    if codes:
        return 3
    if column.kind == "email":
        return 4
    if column.kind == "text" and column.distinct >= 2 and max(map(len, column.samples), default=0) <= 60:
        return 5 if " " not in "".join(column.samples) else 6
    return 9


def label_column(columns: Sequence[Column], type: str, *, rows: int, key: str | None = None) -> str | None:
    """The column a person would call a row by: a name or title, filled, textual, and telling rows apart.

    "customer_name" in a table of orders names the customer, not the order: there it repeats, so it is no label.
    """
    able = [c for c in columns if c.kind == "text" and c.filled >= 0.5 and c.distinct >= _TELLS_APART * c.filled * rows]
    by_name = {c.name: c for c in able}
    for name in (*_LABEL[:2], f"{type}_name", f"{type}_title", type, *_LABEL[2:]):
        if name in by_name:
            return name
    worded = [c for c in able if c.unique and c.filled == 1.0 and c.name != key and _worded(c)]
    named = [c for c in worded if c.name.endswith(("_name", "_title", "_label")) or singular(c.name) == type]
    return next((c.name for c in named or worded), None)


def _worded(column: Column) -> bool:
    """Whether the values read like names: short, and mostly letters (no codes, no phone numbers, no prose)."""
    text = "".join(column.samples)
    letters = sum(char.isalpha() for char in text)
    return not _ID.search(column.name) and len(text) <= 60 * len(column.samples) and letters > 0.6 * len(text)


def key_text(value: object) -> str:
    """A cell as a key: the same for "1001", " 1001 " and 1001.0."""
    text = " ".join(str(value).split())
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text[:200]


def _value(cell: str, read: Callable[[str], Scalar]) -> Scalar:
    if not cell:
        return None
    value = read(cell)
    return value[:MAX_CELL] if isinstance(value, str) else value


def _snake(text: str) -> str:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^\w]+|_+", "_", split.casefold()).strip("_")


def _distinct(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        unique, n = name, 2
        while unique in found:
            unique, n = f"{name}_{n}", n + 1
        found.append(unique)
    return found


def _digest(cells: Mapping[str, Scalar]) -> str:
    """A key for a row without one: its own cells, so that the same row in a new version keeps its id."""
    return hashlib.sha256(repr(sorted(cells.items())).encode()).hexdigest()[:16]
