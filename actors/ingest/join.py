"""Joins between two tables: a column that is declared to hold, or holds, the identifiers of another table's rows.

Promises: ``join_pair(a, b)`` depends on the two tables alone and is symmetric, so the edges of a set of tables are the
same in whatever order they came; every edge is supported by the row it leaves from and needs the version it leads to.
Pure. The rule is inclusion of values (Bauckmann et al., "Efficiently Detecting Inclusion Dependencies", ICDE 2007),
guarded by names where values alone could be chance (1, 2, 3).

Held by tests/unit/actors/ingest/test_join.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from actors.ingest.ports import FoundJoin
from actors.ingest.rows import JoinRow, JoinTable
from actors.ingest.tables import MAIL, key_text, row_id, singular
from actors.ports import Column, EntityType, GraphRelation, Join, Scalar, Support

INCLUDED = 0.95  # share of a column's distinct values that must be among the other's
MIN_DISTINCT = 3

_ID = re.compile(r"(?:^|_)(?:id|code|number|no|nr|num|key|sku|ref|reference|uuid)$")
_NAME = re.compile(r"(?:^|_)(?:name|title|label)$")
_EMAIL = re.compile(r"_?(?:email|e_mail|mail)(?:_?address)?$")
_OWN_ADDRESS = frozenset({"contact", "primary", "main", "work", "business", "user", "login", "private", "address"})
_SPLIT = re.compile(r"\s*[;|,\n]\s*")
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z]).{3,}|\d{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What two tables have in common: edges for the graph, and the joins for the catalogue."""

    relations: Sequence[GraphRelation]
    joins: Sequence[FoundJoin]


@dataclass(frozen=True, slots=True)
class _Fit:
    source: JoinTable
    column: str
    target: JoinTable
    key: str
    parts: bool  # cells hold several values


@dataclass(frozen=True, slots=True)
class _Candidate:
    column: Column
    key: Column
    declared: bool = False


def join_pair(one: JoinTable, other: JoinTable) -> Joined:
    """The joins between two tables, in both directions."""
    relations: dict[GraphRelation, None] = {}
    joins: list[FoundJoin] = []
    for source, target in ((one, other), (other, one)):
        for fit in _fits(source, target):
            joins.append(_join(fit))
            relations.update(dict.fromkeys(_edges(fit)))
    return Joined(relations=list(relations), joins=joins)


def may_join(one: EntityType, other: EntityType) -> bool:
    """Whether it is worth reading the rows: cheap, never False where :func:`join_pair` finds something."""
    return any(_candidates(a, b) for a, b in ((one, other), (other, one)))


def _candidates(source: EntityType, target: EntityType) -> list[_Candidate]:
    own = (source.document_id, source.version) == (target.document_id, target.version)
    declared = {key.column for key in source.foreign_keys}
    columns, keys = ({column.name: column for column in each.columns} for each in (source, target))
    found = [
        _Candidate(columns[each.column], keys[each.to_column], declared=True)
        for each in (source.foreign_keys if own else ())
        if each.to_type == target.name and each.column in columns and each.to_column in keys
    ]
    if target.name == MAIL or (own and source.name == target.name):
        return found
    return found + [
        _Candidate(column, key)
        for key in target.columns
        if key.unique and key.filled >= INCLUDED and _may_identify(key, target)
        for column in source.columns
        if not (own and column.name in declared) and _comparable(column, source, key, target)
    ]


def _may_identify(key: Column, target: EntityType) -> bool:
    own = {"", target.name, target.name.rsplit("_", 1)[-1]}
    if key.kind == "email":  # "customer_email" tells an order's customer apart, not the order, though it may be unique
        return _EMAIL.sub("", key.name) in own | _OWN_ADDRESS
    if key.kind not in ("text", "number") or key.distinct < MIN_DISTINCT:
        return False
    return key.name in (target.key, target.label) or (bool(_ID.search(key.name)) and _stem(key.name) in own)


def _comparable(column: Column, source: EntityType, key: Column, target: EntityType) -> bool:
    if source.name == target.name and column.name == key.name:
        return False  # two tables of one type: equal keys are equal rows already
    if column.kind == "email" or key.kind == "email":
        both = column.kind == key.kind == "email"
        return both and not _same_identity(source, column) and _overlap_possible(column, key)
    if column.kind not in ("text", "number") or not column.distinct:
        return False
    if source.name == MAIL and column.name in ("body", "subject", "message_id", "in_reply_to"):
        return False
    if column.distinct < MIN_DISTINCT and not _names_fit(column, key, target):
        return False
    return _key_like(key) or _names_fit(column, key, target)


def _overlap_possible(column: Column, key: Column) -> bool:
    """By the samples, which hold all values of a small column; a large one may hold anything."""
    for small, large in ((column, key), (key, column)):
        if len(small.samples) >= small.distinct and len(large.samples) >= large.distinct:
            return bool(set(small.samples) & set(large.samples))
    return True


def _key_like(key: Column) -> bool:
    """Whether values are such that meeting them elsewhere is no chance: codes, long numbers, words."""
    values = [v.casefold() for v in key.samples]
    if key.kind == "number":
        return all(v.isdigit() and len(v) >= 6 for v in values)
    return all(_CODE.fullmatch(v) or (len(v) > 2 and not v.isdigit()) for v in values)


def _names_fit(column: Column, key: Column, target: EntityType) -> bool:
    """Whether the column is named after what it leads to: "customer_id", "customer" → customer.id; equal names."""
    stem, own = _stem(column.name), _stem(key.name)
    names = {target.name, target.name.rsplit("_", 1)[-1], own} - {""}
    return stem in names or any(stem.endswith("_" + name) for name in names) or (bool(own) and column.name == key.name)


def _stem(column: str) -> str:
    """What a column says beyond identifying or naming: "customer_id" and "customer_name" say "customer"."""
    words = _NAME.sub("", _ID.sub("", column))
    return singular(words) if words else ""


def _fits(source: JoinTable, target: JoinTable) -> Iterator[_Fit]:
    """For each column of ``source``, the identifier of ``target`` that its values are in (the best named one)."""
    by_column: dict[str, list[_Candidate]] = {}
    for candidate in _candidates(source.type, target.type):
        by_column.setdefault(candidate.column.name, []).append(candidate)
    for candidates in by_column.values():
        ranked = sorted(
            candidates, key=lambda c: (c.key.name != target.type.key, c.key.name != target.type.label, c.key.name)
        )
        for candidate in ranked:
            fit = _fit(source, candidate, target)
            if fit is not None:
                yield fit
                break


def _fit(source: JoinTable, candidate: _Candidate, target: JoinTable) -> _Fit | None:
    column, key = candidate.column, candidate.key
    known = {_match(row.cells.get(key.name)) for row in target.rows} - {""}
    values = {_match(row.cells.get(column.name)) for row in source.rows} - {""}
    if not values or not known:
        return None
    if candidate.declared or column.kind == "email":
        # What is declared needs no proof; an address means the same person everywhere: any one in common is a join.
        return _Fit(source, column.name, target, key.name, False) if values & known else None
    if _included(values, known):
        if column.name in (source.type.key, source.type.label) and _same_identity(source.type, column):
            return None
        return _Fit(source, column.name, target, key.name, False)
    parts = {part for value in values for part in _parts(value)}
    if column.kind == "text" and len(parts) > len(values) / 2 and _included(parts, known):
        return _Fit(source, column.name, target, key.name, True)
    return None


def _included(values: set[str], known: set[str]) -> bool:
    return len(values & known) >= INCLUDED * len(values)


def _same_identity(source: EntityType, column: Column) -> bool:
    """Whether the column is ``source``'s own identifier: of two equal columns, the one in the table that it is named
    after identifies, and the other one refers to it."""
    stem = _EMAIL.sub("", column.name) if column.kind == "email" else _stem(column.name)
    return column.unique and stem in {"", source.name, source.name.rsplit("_", 1)[-1]} and source.name != MAIL


def _join(fit: _Fit) -> FoundJoin:
    source, target = fit.source.type, fit.target.type
    return FoundJoin(
        join=Join(
            from_type=source.name,
            from_column=fit.column,
            to_type=target.name,
            to_column=fit.key,
            relation=fit.column,
        ),
        document_id=source.document_id,
        version=source.version,
        needs_document_id=target.document_id,
        needs_version=target.version,
        by_key=fit.key == target.key,
    )


def _edges(fit: _Fit) -> Iterator[GraphRelation]:
    source, target = fit.source.type, fit.target.type
    rows = _index(fit.target.rows, fit.key)
    for row in fit.source.rows:
        value = _match(row.cells.get(fit.column))
        for part in dict.fromkeys(_parts(value) if fit.parts else (value,)):
            key = rows.get(part)
            if key is not None:
                yield GraphRelation(
                    from_id=row_id(source.name, row.key),
                    type=fit.column,
                    to_id=row_id(target.name, key),
                    support=Support(document_id=source.document_id, version=source.version, chunk_id=row.chunk_id),
                    needs=(target.document_id, target.version),
                )


def _index(rows: Iterable[JoinRow], column: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        value = _match(row.cells.get(column))
        if value:
            found.setdefault(value, row.key)
    return found


def _match(value: Scalar) -> str:
    """A cell as it is compared: case, outer white space and a leading number sign do not count."""
    return "" if value is None else key_text(value).casefold().lstrip("#").strip()


def _parts(value: str) -> list[str]:
    return [part.strip().lstrip("#") for part in _SPLIT.split(value) if part.strip()]
