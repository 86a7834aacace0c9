"""From a question to a :class:`SetQuery` over the tenant's own types, or None where it is no set question.

Owns the planning decisions: the target, the path through the catalogue's joins, which date narrows what, and what is
told of each member. Pure: names and values that the reader could not place come already linked (:mod:`linker`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from actors.retrieval.set_question.lexicon import singular, words_of
from actors.retrieval.set_question.predicate import narrowed_topics
from actors.retrieval.set_question.query import (
    DateFilter,
    Projection,
    Role,
    SetQuery,
    Step,
    Target,
    TextPredicate,
    ValueFilter,
)
from actors.retrieval.set_question.reading import RoleWord, Shape
from actors.retrieval.set_question.schema import MAIL, PERSON, Schema


def plan(shape: Shape, schema: Schema, values: Sequence[ValueFilter], about: Sequence[str] = ()) -> SetQuery | None:
    """The query, or None. ``values`` cover everything in ``shape.open``; ``about`` are products the predicate names."""
    target = _target(shape, schema)
    if target is None:
        return None
    text = _text(shape, about)
    if text is not None and target.role == "product" and shape.aim == "list":
        people = next(iter(schema.people), PERSON)  # "what did those who complained order?": told by customer
        target = Target(role="person", type=people, noun=_person_noun(shape))
    if text is not None and not schema.has_mail:
        return None
    projection_role = _projection(shape, target, schema, text)
    dates = _dates(shape, target, schema, text, projection_role)
    if dates is None:
        return None
    mail_or_target, projected = dates
    filters: list[ValueFilter | DateFilter] = [*values, *mail_or_target]
    if not (text or filters or (shape.explicit and _is_plain(shape, schema, target))):
        return None
    projection = None
    if projection_role is not None:
        projection = Projection(role=projection_role, dates=projected[0] if projected else None)
    elif projected:
        return None
    path = _path(target, schema, text is not None, values, projection)
    if path is None:
        return None
    return SetQuery(aim=shape.aim, target=target, path=path, filters=tuple(filters), text=text, projection=projection)


def _person_noun(shape: Shape) -> str:
    word = shape.role("person")
    return word.word if word is not None else "customer"


def _is_plain(shape: Shape, schema: Schema, target: Target) -> bool:
    """ "List all products": nothing but a type of the tenant's, named."""
    return bool(target.type) and not shape.open and all(r.role in (target.role, "other") for r in shape.roles)


def _target(shape: Shape, schema: Schema) -> Target | None:
    word = shape.target
    if word is None:
        word = _own_type(shape, schema)
        if word is None:
            return None
    if word.role == "other" or (word.role in ("order", "product") and not _plays(word.role, schema)):
        name = _type_named(word.word, schema)
        return Target(role="other", type=name, noun=word.word) if name else None
    if word.role == "mail":
        return Target(role="mail", type=MAIL, noun=word.word) if schema.has_mail else None
    if word.role == "person":
        own = _type_named(word.word, schema, of=schema.people)
        known = bool(schema.people or schema.has_mail or schema.to_person)
        return Target(role="person", type=own or next(iter(schema.people), PERSON), noun=word.word) if known else None
    own = _type_named(word.word, schema, of=schema.orders if word.role == "order" else schema.products)
    first = next(iter(schema.orders if word.role == "order" else schema.products), "")
    return Target(role=word.role, type=own or first, noun=word.word)


def _plays(role: Role, schema: Schema) -> bool:
    """Whether the tenant has anything in that role (products may be known from orders' cells alone)."""
    if role == "order":
        return bool(schema.orders)
    return bool(schema.products) or any(schema.to_product.values())


def _own_type(shape: Shape, schema: Schema) -> RoleWord | None:
    """A type of the tenant's that is no order, person or product, right behind the head ("which suppliers")."""
    near = [r for r in shape.roles if r.role == "other" and r.start > shape.head]
    return near[0] if near and _type_named(near[0].word, schema) else None


def _type_named(word: str, schema: Schema, of: Sequence[str] | None = None) -> str:
    names = [n for n in schema.sources if n != MAIL] if of is None else list(of)
    for name in names:
        if singular(word) == name or words_of(name)[-1:] == (singular(word),):
            return name
    return ""


def _text(shape: Shape, about: Sequence[str]) -> TextPredicate | None:
    if shape.said is None:
        return None
    said = shape.said
    topics = narrowed_topics(said.topic, said.intent)
    topic = said.topic
    if about and not topics:
        topic = ""  # what it is about is the product itself
    words = shape.text[said.start : said.end]
    return TextPredicate(intent=said.intent, topic=topic, said=" ".join(words.split()), about=tuple(about))


def _projection(
    shape: Shape, target: Target, schema: Schema, text: TextPredicate | None
) -> Literal["product", "order"] | None:
    """What else is asked for of each person: products where any word asks for them or for what was bought."""
    if target.role != "person" or text is None or not schema.orders:
        return None
    product = shape.role("product")
    orders = [r for r in shape.roles if r.role == "order"]
    if product is None and not orders:
        return None
    if product is None and all(not r.verb for r in orders) and not _asks_contents(shape):
        return "order"
    return "product"


def _asks_contents(shape: Shape) -> bool:
    """ "what was in their orders", "the contents of their baskets": products without saying so."""
    words = shape.text.casefold().split()
    return "what" in words or any(w.startswith("content") for w in words)


def _dates(
    shape: Shape, target: Target, schema: Schema, text: TextPredicate | None, projection: Role | None
) -> tuple[list[DateFilter], list[DateFilter]] | None:
    """Dates that narrow the members, and dates that narrow what is told of them; None where one fits nothing."""
    narrow: list[DateFilter] = []
    projected: list[DateFilter] = []
    for span in shape.dates:
        said = " ".join(shape.text[span.start : span.end].split())
        on_orders = _after_order(shape, span.start, text) if text is not None else False
        if text is not None and not on_orders:
            narrow.append(DateFilter(type=MAIL, column="date", range=span.range, said=said))
            continue
        if text is not None and projection is None and target.role not in ("product", "order"):
            narrow.append(DateFilter(type=MAIL, column="date", range=span.range, said=said))
            continue
        found = _date_source(target, schema)
        if found is None:
            return None
        made = DateFilter(type=found[0], column=found[1], range=span.range, said=said)
        (projected if text is not None and projection is not None else narrow).append(made)
    return narrow, projected


def _after_order(shape: Shape, at: int, text: TextPredicate | None) -> bool:
    """Whether a date stands behind the ordering rather than behind the predicate (the nearer one before it wins)."""
    assert shape.said is not None
    before = [r.start for r in shape.roles if r.role == "order" and r.start < at]
    return bool(before) and max(before) > shape.said.end - 1 and max(before) > shape.said.start


def _date_source(target: Target, schema: Schema) -> tuple[str, str] | None:
    """The dated type that stands nearest to the target: itself, or the orders."""
    if target.role == "mail":
        return MAIL, "date"
    for name in (target.type, *schema.orders):
        if target.role == "person" and name == target.type:
            continue
        column = schema.date_column(name)
        if column is not None:
            return name, column
    return None


def _path(
    target: Target, schema: Schema, from_mail: bool, values: Sequence[ValueFilter], projection: Projection | None
) -> tuple[Step, ...] | None:
    """The steps through the catalogue that reach the target and what is told of it; None where there are none."""
    steps: list[Step] = []
    if from_mail or target.role == "mail":
        steps.append(Step(from_type=MAIL, relation="from", to_type=PERSON))
    filtered = {schema_role(f, schema) for f in values}
    wants_orders = projection is not None or target.role == "order"
    wants_products = (projection is not None and projection.role == "product") or target.role == "product"
    crosses = (
        (target.role == "product" and (from_mail or filtered - {"product"}))
        or (target.role == "person" and filtered & {"product", "order"})
        or (target.role == "order" and (from_mail or filtered & {"person", "product"}))
    )
    if wants_orders or crosses:
        legs = order_legs(schema) if (from_mail or "person" in filtered or target.role == "person") else []
        if (from_mail or "person" in filtered or target.role == "person") and not legs:
            return None
        steps += legs
        if wants_products or "product" in filtered:
            products = product_legs(schema)
            if not products and not any(way.columns for ways in schema.to_product.values() for way in ways):
                return None
            steps += products
    return tuple(dict.fromkeys(steps))


def schema_role(value: ValueFilter, schema: Schema) -> Role:
    """The role of the type that a filter narrows."""
    if value.type == PERSON or value.type in schema.people:
        return "person"
    if value.type in schema.products or value.type == "product":
        return "product"
    if value.type in schema.orders or value.type in schema.lines:
        return "order"
    return "mail" if value.type == MAIL else "other"


def order_legs(schema: Schema) -> list[Step]:
    """From a person to orders: by address, or over the type of people; by name where nothing else leads there."""
    legs: list[Step] = []
    for order in schema.orders:
        way = schema.to_person.get(order)
        if way is None:
            continue
        legs += [Step(from_type=PERSON, relation=email, to_type=order) for email in way.emails]
        for relation, people in way.keys:
            own = schema.to_person.get(people)
            legs += [Step(from_type=PERSON, relation=email, to_type=people) for email in (own.emails if own else ())]
            legs.append(Step(from_type=people, relation=relation, to_type=order))
        if not way.emails and not way.keys:
            legs += [Step(from_type=PERSON, relation=name, to_type=order) for name in way.names[:1]]
    return legs


def product_legs(schema: Schema) -> list[Step]:
    """From orders to products, over their lines where there are any."""
    legs: list[Step] = []
    for order, ways in schema.to_product.items():
        for way in ways:
            if way.line is not None:
                legs.append(Step(from_type=order, relation=way.line[1], to_type=way.line[0]))
            source = way.line[0] if way.line else order
            legs += [Step(from_type=source, relation=relation, to_type=kind) for relation, kind in way.relations]
            if not way.relations:
                legs += [Step(from_type=source, relation=column, to_type="product") for column in way.columns[:1]]
    return legs
