"""Finds a question's unplaced words among the tenant's own: addresses, order numbers, names, products, cell values.

Promises: every unplaced word is covered by what is returned, or nothing is (and the question is no set question).

Held by tests/unit/actors/retrieval/set_question/test_plan.py.
"""

from __future__ import annotations

import re

from actors.names import email_id, fold, mentions_in, name_key
from actors.retrieval.set_question.lexicon import FUNCTION_WORDS, singular
from actors.retrieval.set_question.people import People
from actors.retrieval.set_question.purchases import Product, Purchases
from actors.retrieval.set_question.query import ValueFilter
from actors.retrieval.set_question.reading import Mention, Shape
from actors.retrieval.set_question.schema import MAIL, PERSON, Schema
from actors.retrieval.set_question.walk import Walker

_MAX_WORDS = 8
_LISTED = 50  # a column with at most this many values has them all among its samples


class Linker:
    """Links mentions of one question."""

    def __init__(self, walker: Walker, schema: Schema, people: People, purchases: Purchases) -> None:
        self._walker = walker
        self._schema = schema
        self._people = people
        self._purchases = purchases

    async def link(self, shape: Shape) -> list[ValueFilter] | None:
        """A filter for each mention; None where one is found nowhere."""
        found: list[ValueFilter] = []
        for mention in shape.open:
            filters = await self._mention(mention, shape)
            if filters is None:
                return None
            found += filters
        return list(dict.fromkeys(found))

    async def about(self, shape: Shape) -> list[str] | None:
        """The products that the text predicate names ("complained about the brass lantern"), by full name."""
        if shape.said is None or not (self._schema.products or any(self._schema.to_product.values())):
            return []
        spoken = shape.text[shape.said.start : shape.said.end]
        quoted = re.findall(r"[\"“”„]([^\"“”„]{2,80})[\"“”]", spoken)
        topic = quoted[0] if quoted else shape.said.topic
        if not topic or (not quoted and not _could_be_name(topic)):
            return []
        return [product.name for product in await self._products(topic, parts=bool(quoted))]

    async def _mention(self, mention: Mention, shape: Shape) -> list[ValueFilter] | None:
        text = mention.text.strip()
        if "@" in text:
            return [ValueFilter(type=PERSON, column="email", value=text.casefold(), entity_ids=(email_id(text),))]
        whole = await self._whole(text, shape)
        if whole is not None:
            return [whole]
        if mention.quoted:
            return None
        return await self._covering(text, shape)

    async def _whole(self, text: str, shape: Shape) -> ValueFilter | None:
        """The text as one thing: an order's number, a person, a product, a cell's value."""
        wants_person = shape.target is None or shape.target.role != "person" or bool(shape.said)
        order = await self._order(text)
        if order is not None:
            return order
        cell = self._cell(text, shape)
        if cell is not None:
            return cell
        people = await self._people.find_by_name(text) if _name_like(text) else []
        if people and wants_person and (len(people) == 1 or len(name_key(text)) > 3):
            exact = [p for p in people if name_key(p.name) == name_key(text)]
            chosen = exact or (people if len(people) == 1 else [])
            if chosen:
                nodes = tuple(node for person in chosen for node in person.nodes)
                return ValueFilter(type=PERSON, column="name", value=chosen[0].name, entity_ids=nodes)
        products = await self._products(text, parts=True)
        if products:
            ids = tuple(product.key for product in products)
            value = products[0].name if len(products) == 1 else text
            return ValueFilter(type="product", column="name", value=value, entity_ids=ids)
        return None

    async def _covering(self, text: str, shape: Shape) -> list[ValueFilter] | None:
        """Parts of a run of words, the longest first, until every content word is covered."""
        words = re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*|#\w+", text)
        if not 1 < len(words) <= _MAX_WORDS:
            return None
        covered = [w.casefold() in FUNCTION_WORDS for w in words]
        found: list[ValueFilter] = []
        for size in range(len(words) - 1, 0, -1):
            for at in range(len(words) - size + 1):
                if any(covered[at : at + size]):
                    continue
                hit = await self._whole(" ".join(words[at : at + size]), shape)
                if hit is not None:
                    found.append(hit)
                    covered[at : at + size] = [True] * size
        return found if all(covered) and found else None

    async def _order(self, text: str) -> ValueFilter | None:
        if not re.search(r"\d", text) or " " in text:
            return None
        bare = text.lstrip("#")
        ids = [
            f"row:{o}:{code}" for o in self._schema.orders for code in dict.fromkeys((bare, f"#{bare}", bare.upper()))
        ]
        rows = await self._walker.by_id(ids)
        if not rows:
            return None
        row = next(iter(rows.values()))
        return ValueFilter(
            type=row.type, column=self._schema.sources[row.type].key or "", value=text, entity_ids=tuple(rows)
        )

    def _cell(self, text: str, shape: Shape) -> ValueFilter | None:
        """A value that a column with few values has; a column of the target's own type comes first."""
        wanted = fold(text).strip()
        named = {r.word for r in shape.roles if r.role == "other"}
        found: list[tuple[int, ValueFilter]] = []
        for source in self._schema.sources.values():
            if source.name == MAIL:
                continue
            for column in source.columns.values():
                if column.kind not in ("text", "boolean") or column.distinct > _LISTED or column.name == source.label:
                    continue
                value = next((s for s in column.samples if fold(s).strip() == wanted), None)
                if value is not None:
                    near = (
                        0
                        if column.name in named
                        else 1
                        if source.name in (*self._schema.orders, *self._schema.people)
                        else 2
                    )
                    if column.unique and column.distinct > 3:
                        continue  # that is a name: linked as one
                    found.append((near, ValueFilter(type=source.name, column=column.name, value=value)))
        return min(found, key=lambda each: each[0])[1] if found else None

    async def _products(self, text: str, *, parts: bool) -> list[Product]:
        """Products by full name or code; else those whose name holds every word, where ``parts`` allows it."""
        products = await self._purchases.catalogue()
        if not products:
            products = await self._from_orders()
        key = name_key(text)
        singular_key = name_key(singular(text.casefold()))
        exact = [p for p in products if key in (name_key(p.name), name_key(p.code)) or name_key(p.name) == singular_key]
        if exact or not parts:
            return exact or [
                p
                for p in products
                if len(name_key(p.name)) > 4 and name_key(p.name) in {k for *_, k in mentions_in(text)}
            ]
        wanted = {singular(fold(w)) for w in re.findall(r"[^\W_]+", text)}
        if not wanted or not all(len(w) > 2 for w in wanted):
            return []
        return [p for p in products if wanted <= {singular(fold(w)) for w in re.findall(r"[^\W_]+", p.name)}]

    async def _from_orders(self) -> list[Product]:
        """Products known from orders' cells alone."""
        found: dict[str, Product] = {}
        for order in self._schema.orders:
            rows = await self._walker.of_type(order)
            for products in (await self._purchases.of_orders(rows)).values():
                for product in products:
                    found.setdefault(product.key, product)
        return list(found.values())


def _name_like(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]", text)) and (text[:1].isupper() or " " in text)


def _could_be_name(topic: str) -> bool:
    return 1 <= len(topic.split()) <= _MAX_WORDS
