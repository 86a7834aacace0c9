"""What people ordered: from persons to orders and from orders to products, along the catalogue's joins.

Promises: each product once per person, by its full name (the product table's where there is one); cells that hold
several products are taken apart.

Held by tests/integration/test_set_question.py and tests/integration/answers/test_set_questions_generalise.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actors.names import name_key
from actors.retrieval.set_question.lexicon import ORDER_NOUNS, words_of
from actors.retrieval.set_question.people import Person
from actors.retrieval.set_question.query import DateFilter
from actors.retrieval.set_question.schema import Schema, ToProduct
from actors.retrieval.set_question.walk import Row, Walker

_PARTS = re.compile(r"\s*[;|\n]\s*")
_COUNT = re.compile(
    r"^\s*\d+\s*(?:x|×|\*)\s*|\s*(?:x|×)\s*\d+\s*$|\s*\(\s*(?:x|×)?\s*\d+\s*(?:x|×|pcs?)?\s*\)\s*$", re.IGNORECASE
)
_CODES = frozenset({"id", "code", "number", "no", "nr", "sku", "ref", "reference"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as an order knows it. ``id`` is its row's where a product table has it."""

    name: str
    id: str = ""
    code: str = ""

    @property
    def key(self) -> str:
        return self.id or name_key(self.name)


class Purchases:
    """Orders and products of one tenant's graph."""

    def __init__(self, walker: Walker, schema: Schema) -> None:
        self._walker = walker
        self._schema = schema
        self._titles: dict[str, Product] | None = None

    async def of_people(self, people: Sequence[Person], dates: DateFilter | None = None) -> dict[str, list[Row]]:
        """Orders by person's identity, in order of their date."""
        nodes = {node: person.identity for person in people for node in person.nodes}
        found: dict[str, dict[str, None]] = {person.identity: dict.fromkeys(person.orders) for person in people}
        for order, way in ((o, self._schema.to_person.get(o)) for o in self._schema.orders):
            if way is None:
                continue
            relations = [*way.emails, *(relation for relation, _ in way.keys)]
            near = await self._walker.neighbours(nodes, relations)
            for node, ids in near.items():
                found[nodes[node]].update(dict.fromkeys(i for i in ids if i.startswith(f"row:{order}:")))
            await self._by_name(people, order, way.names, found)
        rows = await self._walker.by_id(i for ids in found.values() for i in ids)
        return {
            identity: sorted((rows[i] for i in ids if i in rows and self.fits(rows[i], dates)), key=self._when)
            for identity, ids in found.items()
        }

    async def of_orders(self, orders: Sequence[Row]) -> dict[str, list[Product]]:
        """Products by order's row id."""
        found: dict[str, dict[str, Product]] = {order.id: {} for order in orders}
        for kind in dict.fromkeys(order.type for order in orders):
            own = [order for order in orders if order.type == kind]
            ways = self._schema.to_product.get(kind, ())
            for way in sorted(ways, key=lambda w: w.line is None):
                for order_id, products in (await self._along(own, way)).items():
                    if way.line is None and found[order_id] and not way.relations:
                        continue  # its lines have told already
                    for product in products:
                        found[order_id].setdefault(name_key(product.name), product)
        return {order_id: list(products.values()) for order_id, products in found.items()}

    async def catalogue(self) -> list[Product]:
        """Every product of the product tables."""
        return list({p.id: p for p in (await self._by_title()).values()}.values())

    def fits(self, order: Row, dates: DateFilter | None) -> bool:
        """Whether an order lies within a date filter (one without a date does not)."""
        if dates is None:
            return True
        column = self._schema.date_column(order.type)
        day = order.text(column)[:10] if column else ""
        return bool(day) and dates.range.first.isoformat() <= day <= dates.range.last.isoformat()

    def number(self, order: Row) -> str:
        """What a person would call an order: its own number, for a line of it the order's."""
        source = self._schema.sources[order.type]
        for name in source.columns:
            words = set(words_of(name))
            if words & ORDER_NOUNS and (words & _CODES or len(words) == 1) and order.text(name):
                return order.text(name)
        if source.key and order.text(source.key):
            return order.text(source.key)
        return order.name

    def when(self, order: Row) -> str:
        column = self._schema.date_column(order.type)
        return order.text(column)[:10] if column else ""

    def _when(self, order: Row) -> tuple[str, str]:
        return self.when(order), order.id

    async def _by_name(
        self, people: Sequence[Person], order: str, columns: Sequence[str], found: dict[str, dict[str, None]]
    ) -> None:
        """Orders that name their customer, for people whom no edge leads to an order of."""
        way = self._schema.to_person[order]
        lost = {name_key(p.name): p.identity for p in people if not found[p.identity]}
        if not columns or not lost or (way.emails and not any(n for n in lost)):
            return
        for row in await self._walker.of_type(order):
            if any(row.text(e) for e in way.emails):
                continue  # an address tells whose it is
            for column in columns:
                identity = lost.get(name_key(row.text(column)))
                if identity is not None:
                    found[identity][row.id] = None

    async def _along(self, orders: Sequence[Row], way: ToProduct) -> dict[str, list[Product]]:
        sources = {order.id: [order] for order in orders}
        if way.line is not None:
            kind, relation = way.line
            near = await self._walker.neighbours(sources, [relation])
            lines = await self._walker.by_id(i for ids in near.values() for i in ids if i.startswith(f"row:{kind}:"))
            sources = {order: [lines[i] for i in near.get(order, ()) if i in lines] for order in sources}
        rows = [row for each in sources.values() for row in each]
        joined = await self._joined(rows, way)
        titles = await self._by_title()
        return {
            order: [p for row in each for p in (joined.get(row.id) or _from_cells(row, way.columns, titles))]
            for order, each in sources.items()
        }

    async def _joined(self, rows: Sequence[Row], way: ToProduct) -> dict[str, list[Product]]:
        if not way.relations:
            return {}
        near = await self._walker.neighbours([r.id for r in rows], [relation for relation, _ in way.relations])
        wanted = {f"row:{kind}:" for _, kind in way.relations}
        ids = {i for each in near.values() for i in each if any(i.startswith(w) for w in wanted)}
        found = {i: self._product(row) for i, row in (await self._walker.by_id(ids)).items()}
        return {row: [found[i] for i in each if i in found] for row, each in near.items()}

    async def _by_title(self) -> dict[str, Product]:
        """Products by the key of their name or code, for cells that no join leads on from."""
        if self._titles is None:
            self._titles = {}
            for kind in self._schema.products:
                for row in await self._walker.of_type(kind):
                    product = self._product(row)
                    for told in (product.name, product.code, row.key):
                        if told:
                            self._titles.setdefault(name_key(told), product)
        return self._titles

    def _product(self, row: Row) -> Product:
        key = self._schema.sources[row.type].key
        return Product(
            name=self._schema.title(row.type, row.cells, row.name), id=row.id, code=row.text(key) if key else ""
        )


def _from_cells(row: Row, columns: Iterable[str], titles: Mapping[str, Product]) -> list[Product]:
    found: list[Product] = []
    for column in columns:
        for part in _parts(row.text(column), titles):
            product = titles.get(name_key(part)) or Product(name=part)
            if product not in found:
                found.append(product)
        if found:
            break
    return found


def _parts(cell: str, titles: Mapping[str, Product]) -> list[str]:
    """The products in a cell: at semicolons, bars and lines; at commas where the parts are known products."""
    parts = [part for part in _PARTS.split(cell) if part.strip()]
    if len(parts) == 1 and "," in cell and name_key(cell) not in titles:
        at_commas = [part.strip() for part in cell.split(",") if part.strip()]
        if titles and sum(name_key(_COUNT.sub("", p)) in titles for p in at_commas) * 2 > len(at_commas):
            parts = at_commas
    return [part if name_key(part) in titles else _COUNT.sub("", part).strip() or part for part in parts]
