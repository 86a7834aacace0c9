"""What the tenant's typed sources are to each other: where the people, mails, orders, order lines and products stand.

Owns :class:`Schema`, read from the catalogue by names first and by structure where a name says nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from actors.ports import Catalogue, Column, EntityType, Join
from actors.retrieval.set_question.lexicon import (
    LINE_NOUNS,
    ORDER_NOUNS,
    PERSON_NOUNS,
    PRODUCT_TYPES,
    STAFF_WORDS,
    words_of,
)

MAIL = "mail"
PERSON = "person"

_NAME_WORDS = frozenset({"name", "customer", "client", "buyer", "person", "contact", "purchaser", "shopper", "guest"})
_TITLE_WORDS = ("name", "title", "product", "item", "article", "label", "description", "model")
_PRICE_WORDS = frozenset({"price", "cost", "amount", "rrp", "msrp"})
_NOT_PRODUCT = frozenset(
    {"price", "cost", "amount", "total", "quantity", "qty", "count", "type", "category", "group", "note", "status",
     "weight", "condition", "value"}
)  # fmt: skip
_CODE_WORDS = frozenset({"id", "code", "number", "no", "nr", "sku", "ref", "reference", "ean", "key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Every live table of one type name, seen as one."""

    name: str
    columns: Mapping[str, Column]
    key: str | None
    label: str | None
    rows: int

    def of_kind(self, kind: str) -> list[Column]:
        return [column for column in self.columns.values() if column.kind == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPerson:
    """How rows of a type lead to a person: by address, by a key to a type of people, or by name alone."""

    emails: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()  # (relation, type of people)
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.emails or self.keys or self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToProduct:
    """How rows of an order type lead to products. ``line``: (type of lines, its relation to the order)."""

    line: tuple[str, str] | None
    relations: tuple[tuple[str, str], ...] = ()  # (relation, product type), from the line or else the order
    columns: tuple[str, ...] = ()  # cells that name the product, in the line or else the order


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tenant's sources by the roles that questions speak of."""

    sources: Mapping[str, Source]
    joins: Sequence[Join]
    people: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    to_person: Mapping[str, ToPerson] = field(default_factory=dict)
    to_product: Mapping[str, tuple[ToProduct, ...]] = field(default_factory=dict)

    @property
    def has_mail(self) -> bool:
        return MAIL in self.sources

    def date_column(self, type: str) -> str | None:
        """The column that dates a row: the one named after ordering, else the first date."""
        source = self.sources.get(type)
        if source is None:
            return None
        dates = [c.name for c in source.of_kind("date")]
        told = [n for n in dates if set(words_of(n)) & (ORDER_NOUNS | {"date", "placed", "ordered", "purchased"})]
        late = {"delivered", "delivery", "shipped", "shipping", "due", "updated", "paid", "cancelled", "returned"}
        early = [n for n in told if not set(words_of(n)) & late] or [n for n in dates if not set(words_of(n)) & late]
        return next(iter(early or told or dates), None)

    def title_column(self, type: str) -> str | None:
        """The column that a person would call a row by."""
        source = self.sources.get(type)
        if source is None:
            return None
        if source.label:
            return source.label
        texts = [c for c in source.of_kind("text") if not set(words_of(c.name)) & _CODE_WORDS]
        for word in _TITLE_WORDS:
            for column in texts:
                if word in words_of(column.name):
                    return column.name
        return None

    def title(self, type: str, cells: Mapping[str, object], fallback: str) -> str:
        """What a person would call this row: first and last name where they are apart."""
        first, last = cells.get("first_name"), cells.get("last_name")
        if first and last:
            return f"{first} {last}"
        column = self.title_column(type)
        told = cells.get(column) if column else None
        return str(told) if told not in (None, "") else fallback


def read_schema(catalogue: Catalogue) -> Schema:
    """Tell the roles of a tenant's sources."""
    sources = merge(catalogue.types)
    joins = list(dict.fromkeys(catalogue.joins))
    bare = Schema(sources=sources, joins=joins)
    tables = [s for s in sources.values() if s.name != MAIL]
    lines = tuple(s.name for s in tables if _is_line(s, joins, sources))
    rest = [s for s in tables if s.name not in lines]
    people = tuple(s.name for s in rest if _is_people(s))
    products = tuple(s.name for s in rest if s.name not in people and _is_product(s, joins, sources))
    with_roles = replace(bare, people=people, lines=lines, products=products)
    to_person = {s.name: found for s in tables if (found := _to_person(s, with_roles))}
    others = [s for s in rest if s.name not in people + products]
    orders = tuple(s.name for s in others if _is_order(s) or _is_unnamed_order(s, with_roles, to_person))
    with_roles = replace(with_roles, orders=orders, to_person=to_person)
    if not orders:  # a table of lines that knows its customer is its own order
        with_roles = replace(with_roles, orders=tuple(n for n in lines if n in to_person))
    to_product = {name: _to_product(sources[name], with_roles) for name in with_roles.orders}
    return replace(with_roles, to_product=to_product)


def merge(types: Iterable[EntityType]) -> dict[str, Source]:
    """One source for each type name; a column is a date or an address if any table says so."""
    found: dict[str, Source] = {}
    for each in types:
        old = found.get(each.name)
        if old is None:
            columns = {c.name: c for c in each.columns}
            found[each.name] = Source(name=each.name, columns=columns, key=each.key, label=each.label, rows=each.rows)
            continue
        columns = dict(old.columns)
        for c in each.columns:
            columns[c.name] = _merged(columns[c.name], c) if c.name in columns else c
        found[each.name] = replace(
            old, columns=columns, key=old.key or each.key, label=old.label or each.label, rows=old.rows + each.rows
        )
    return found


def _merged(one: Column, other: Column) -> Column:
    samples = tuple(dict.fromkeys((*one.samples, *other.samples)))[:200]
    kind = other.kind if one.kind == "text" and other.filled and not one.filled else one.kind
    return replace(one, kind=kind, samples=samples, distinct=max(one.distinct, other.distinct, len(samples)))


# -------------------------------------------------------------------------------------------------------------- roles


def _is_line(source: Source, joins: Sequence[Join], sources: Mapping[str, Source]) -> bool:
    words = words_of(source.name)
    orderly = [j for j in joins if j.from_type == source.name and set(words_of(j.to_type)) & ORDER_NOUNS
               and j.to_type != source.name]  # fmt: skip
    names_line = words[-1] in LINE_NOUNS
    if names_line and set(words[:-1]) & ORDER_NOUNS:
        return True
    has_product = any(_product_column(c, source) for c in source.columns.values()) or any(
        j.from_type == source.name and j.to_type in sources and set(words_of(j.to_type)) & PRODUCT_TYPES for j in joins
    )
    return bool(orderly) and has_product and not (set(words) & ORDER_NOUNS and source.of_kind("email"))


def _is_people(source: Source) -> bool:
    words = words_of(source.name)
    if words[-1] in PERSON_NOUNS or words[-1] in ("crm", "contact", "account"):
        return True
    unique_email = any(c.unique for c in source.of_kind("email"))
    named = any(set(words_of(c.name)) & _NAME_WORDS for c in source.of_kind("text"))
    strange = set(words) & (ORDER_NOUNS | PRODUCT_TYPES | STAFF_WORDS)
    busy = any(_product_column(c, source) for c in source.columns.values())
    return unique_email and named and not strange and not busy and _names_a_person(words)


def _names_a_person(words: Sequence[str]) -> bool:
    """A type with unique addresses and names is people unless its name says that it is an event."""
    return not words[-1].endswith(("ment", "tion", "ticket", "case", "request", "review"))


def _is_product(source: Source, joins: Sequence[Join], sources: Mapping[str, Source]) -> bool:
    words = words_of(source.name)
    if source.of_kind("email") or words[-1] in ORDER_NOUNS:
        return False
    if words[-1] in PRODUCT_TYPES or set(words) & {"product", "catalogue", "catalog"}:
        return True
    priced = any(set(words_of(c.name)) & _PRICE_WORDS for c in source.of_kind("number"))
    titled = source.label is not None and not source.of_kind("date")
    return priced and titled and any(j.to_type == source.name for j in joins)


def _is_order(source: Source) -> bool:
    words = words_of(source.name)
    return words[-1] in ORDER_NOUNS or (bool(set(words) & ORDER_NOUNS) and words[-1] not in LINE_NOUNS)


def _is_unnamed_order(source: Source, schema: Schema, to_person: Mapping[str, ToPerson]) -> bool:
    has_product = any(_product_column(c, source) for c in source.columns.values()) or any(
        j.from_type == source.name and j.to_type in schema.products for j in schema.joins
    )
    return source.name in to_person and has_product


def _to_person(source: Source, schema: Schema) -> ToPerson:
    emails = [c.name for c in source.of_kind("email") if not set(words_of(c.name)) & STAFF_WORDS]
    emails = emails or [c.name for c in source.of_kind("email")][:1]
    keys = [
        (j.relation, j.to_type)
        for j in schema.joins
        if j.from_type == source.name and j.to_type in schema.people and not set(words_of(j.relation)) & STAFF_WORDS
    ]
    names = [
        c.name
        for c in source.of_kind("text")
        if set(words_of(c.name)) & _NAME_WORDS
        and not set(words_of(c.name)) & (STAFF_WORDS | PRODUCT_TYPES | _CODE_WORDS)
        and (
            source.name in schema.people or set(words_of(c.name)) & (_NAME_WORDS - {"name"}) or source.of_kind("email")
        )
    ]
    return ToPerson(emails=tuple(emails), keys=tuple(dict.fromkeys(keys)), names=tuple(names))


def _to_product(source: Source, schema: Schema) -> tuple[ToProduct, ...]:
    found = [_products_from(source, schema, None)]
    for line in schema.lines:
        for j in schema.joins:
            if j.from_type == line and j.to_type == source.name:
                found.append(_products_from(schema.sources[line], schema, (line, j.relation)))
    for j in schema.joins:  # an order that points at a table of baskets
        if j.from_type == source.name and j.to_type in schema.lines:
            found.append(_products_from(schema.sources[j.to_type], schema, (j.to_type, j.relation)))
    return tuple(dict.fromkeys(way for way in found if way.relations or way.columns))


def _products_from(source: Source, schema: Schema, line: tuple[str, str] | None) -> ToProduct:
    relations = [(j.relation, j.to_type) for j in schema.joins
                 if j.from_type == source.name and j.to_type in schema.products]  # fmt: skip
    best = [r for r in relations if "product" in words_of(r[1])] or relations
    columns = [c.name for c in source.columns.values() if _product_column(c, source)]
    titled = [n for n in columns if not set(words_of(n)) & _CODE_WORDS]
    return ToProduct(line=line, relations=tuple(dict.fromkeys(best)), columns=tuple(titled or columns))


def _product_column(column: Column, source: Source) -> bool:
    """Whether the cells name a product: "product", "item_name", "sku"; not "items_total" or "item_price"."""
    words = words_of(column.name)
    if column.kind not in ("text", "number") or not column.filled:
        return False
    nouns = {"product", "item", "article", "good", "goods", "merchandise", "sku", "ware", "dish"}
    if not set(words) & nouns:
        return False
    if column.kind == "number" and not set(words) & _CODE_WORDS:
        return False
    return not set(words) & _NOT_PRODUCT
