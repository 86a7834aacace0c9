"""Who wrote a mail: the tenant's person behind an address, a name or an order number.

Owns the grouping of mails by person. A sender is first looked up by address; where the tenant's tables know nobody
by that address, by a name that only one of its people bears, then by an order number in the mail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from actors.names import email_id, name_key
from actors.retrieval.set_question.schema import MAIL, Schema
from actors.retrieval.set_question.walk import Row, Walker

_CODE = re.compile(r"#?(?=[\w/-]*\d)\w[\w/-]{2,30}")
_OWN_SHARE = 0.3


@dataclass(slots=True)
class Person:
    """One person: graph nodes that stand for it, how it is called, and whether any table knows it."""

    identity: str
    name: str
    nodes: list[str]
    known: bool = False
    mails: list[Row] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)  # row ids found by an order number only


class People:
    """Resolves senders and rows of people against one schema and graph."""

    def __init__(self, walker: Walker, schema: Schema) -> None:
        self._walker = walker
        self._schema = schema
        self._names: dict[str, list[Row]] | None = None
        self._relations = sorted(
            {e for p in schema.people if p in schema.to_person for e in schema.to_person[p].emails}
        )
        self._order_relations = sorted({e for o in schema.orders if o in schema.to_person
                                        for e in schema.to_person[o].emails})  # fmt: skip

    @property
    def tables_know_people(self) -> bool:
        """Whether being known to a table says that one is a customer."""
        return bool(self._schema.people) or any(o in self._schema.to_person for o in self._schema.orders)

    async def of_mails(self, mails: Sequence[Row]) -> list[Person]:
        """The senders of these mails, each person once, in the order of their first mail."""
        found: dict[str, Person] = {}
        addresses = list(dict.fromkeys(m.text("from").casefold() for m in mails))
        by_address = await self._by_address([a for a in addresses if a])
        for mail in sorted(mails, key=lambda m: m.text("date")):
            address = mail.text("from").casefold()
            person = by_address.get(address) or Person(
                identity=address, name=mail.text("from_name") or address, nodes=[email_id(address)] if address else []
            )
            if not person.known:
                person = await self._by_other_signs(mail, person)
            if person.name in ("", address) and mail.text("from_name"):
                person.name = mail.text("from_name")
            kept = found.setdefault(person.identity or mail.id, person)
            kept.mails.append(mail)
            kept.orders += [o for o in person.orders if o not in kept.orders]
        return list(found.values())

    async def of_nodes(self, ids: Iterable[str]) -> list[Person]:
        """The persons that address nodes and rows of people stand for, each once."""
        wanted = list(dict.fromkeys(ids))
        addresses = [i.removeprefix("email:") for i in wanted if i.startswith("email:")]
        by_address = await self._by_address(addresses)
        rows = await self._walker.by_id(i for i in wanted if i.startswith("row:"))
        found: dict[str, Person] = {}
        for person in [*by_address.values(), *(self._of_row(row) for row in rows.values())]:
            kept = found.setdefault(person.identity, person)
            kept.nodes = list(dict.fromkeys([*kept.nodes, *person.nodes]))
        return list(found.values())

    async def _by_address(self, addresses: Sequence[str]) -> dict[str, Person]:
        nodes = {address: email_id(address) for address in addresses}
        near = await self._walker.neighbours(nodes.values(), [*self._relations, *self._order_relations])
        tables = {*self._schema.people, *self._schema.orders}
        kept = {node: [i for i in ids if _type_of(i) in tables] for node, ids in near.items()}
        rows = await self._walker.by_id(i for ids in kept.values() for i in ids if _type_of(i) in self._schema.people)
        entities = await self._walker.by_id(nodes.values())
        found: dict[str, Person] = {}
        for address, node in nodes.items():
            row = next((rows[i] for i in kept.get(node, ()) if i in rows), None)
            if row is not None:
                found[address] = self._of_row(row, address)
                continue
            entity = entities.get(node)
            name = entity.name if entity and entity.name != address else await self._name_in_orders(kept.get(node, ()))
            found[address] = Person(identity=address, name=name or address, nodes=[node], known=bool(kept.get(node)))
        return found

    async def _name_in_orders(self, ids: Sequence[str]) -> str:
        rows = await self._walker.by_id(ids[:1])
        for row in rows.values():
            way = self._schema.to_person.get(row.type)
            for column in way.names if way else ():
                if row.text(column):
                    return row.text(column)
        return ""

    def _of_row(self, row: Row, address: str = "") -> Person:
        way = self._schema.to_person.get(row.type)
        told = [row.text(e).casefold() for e in (way.emails if way else ()) if "@" in row.text(e)]
        identity = told[0] if told else address or row.text(self._schema.sources[row.type].key or "") or row.key
        nodes = [row.id, *(email_id(each) for each in dict.fromkeys([*told, *([address] if address else [])]))]
        return Person(
            identity=identity, name=self._schema.title(row.type, row.cells, row.name), nodes=nodes, known=True
        )

    async def _by_other_signs(self, mail: Row, person: Person) -> Person:
        """By name where one person of the tables bears it, else by an order number in the mail."""
        name = name_key(mail.text("from_name"))
        if len(name) > 3 and self.tables_know_people:
            bearers = (await self._by_name()).get(name, [])
            people = {self._bearer(row).identity: self._bearer(row) for row in bearers}
            if len(people) == 1:
                return next(iter(people.values()))
        orders = await self._orders_named(mail)
        if orders:
            owners = await self.of_orders(orders)
            if len(owners) == 1:
                return owners[0]
            person.known = True
            person.orders = [order.id for order in orders]
        return person

    def _bearer(self, row: Row) -> Person:
        if row.type in self._schema.people:
            return self._of_row(row)
        way = self._schema.to_person[row.type]
        address = next((row.text(e).casefold() for e in way.emails if "@" in row.text(e)), "")
        name = next((row.text(n) for n in way.names if row.text(n)), row.name)
        nodes = [email_id(address)] if address else [f"name:{name_key(name)}"]
        return Person(identity=address or name, name=name, nodes=nodes, known=True)

    async def _by_name(self) -> dict[str, list[Row]]:
        """Rows of people, and of orders that name their customer, by the name's key."""
        if self._names is None:
            self._names = {}
            for name in (*self._schema.people, *self._schema.orders):
                way = self._schema.to_person.get(name)
                if way is None or not (way.names or name in self._schema.people):
                    continue
                for row in await self._walker.of_type(name):
                    names = {row.text(n) for n in way.names}
                    if name in self._schema.people:
                        names.add(self._schema.title(name, row.cells, row.name))
                    for key in {name_key(n) for n in names if n}:
                        self._names.setdefault(key, []).append(row)
        return self._names

    async def find_by_name(self, name: str) -> list[Person]:
        """Everyone whom the tables (or mails, where no table knows people) call that; a part of a name may do."""
        key = name_key(name)
        names = await self._by_name()
        rows = names.get(key) or []
        if not rows:
            wanted = {name_key(w) for w in name.split()}
            rows = [
                r
                for each in names.values()
                for r in each
                if wanted <= {name_key(w) for w in self._bearer(r).name.split()}
            ]
        people = {p.identity: p for p in (self._bearer(row) for row in rows)}
        if not people and self._schema.has_mail:
            mails = [m for m in await self._walker.of_type(MAIL) if name_key(m.text("from_name")) == key]
            people = {p.identity: p for p in await self.of_mails(mails)}
            for person in people.values():
                person.mails = []
        return list(people.values())

    async def of_orders(self, orders: Sequence[Row]) -> list[Person]:
        """The customers of these orders."""
        return [person for person, _ in (await self.with_orders(orders))]

    async def with_orders(self, orders: Sequence[Row]) -> list[tuple[Person, list[Row]]]:
        """The customers of these orders, each with those of the orders that are theirs."""
        found: dict[str, tuple[Person, list[Row]]] = {}
        ways = [self._schema.to_person[o] for o in self._schema.orders if o in self._schema.to_person]
        relations = sorted({r for way in ways for r in (*way.emails, *(key for key, _ in way.keys))})
        near = await self._walker.neighbours([o.id for o in orders], relations)
        nodes = {
            i for ids in near.values() for i in ids if i.startswith("email:") or _type_of(i) in self._schema.people
        }
        people = await self.of_nodes(sorted(nodes))
        by_node = {node: person for person in people for node in person.nodes}
        for order in orders:
            owner = next((by_node[i] for i in near.get(order.id, ()) if i in by_node), None)
            if owner is None:
                way = self._schema.to_person.get(order.type)
                if way is None or not any(order.text(n) for n in way.names):
                    continue
                owner = self._bearer(order)
            found.setdefault(owner.identity, (owner, []))[1].append(order)
        return list(found.values())

    async def _orders_named(self, mail: Row) -> list[Row]:
        """Orders whose number stands in the mail."""
        codes = dict.fromkeys(c for c in _CODE.findall(f"{mail.text('subject')} {mail.text('body')[:4000]}"))
        if not codes or not self._schema.orders:
            return []
        spelled = {v for c in list(codes)[:40] for v in (c, c.lstrip("#"), f"#{c.lstrip('#')}", c.upper())}
        ids = [f"row:{order}:{code}" for order in self._schema.orders for code in sorted(spelled)]
        return list((await self._walker.by_id(ids)).values())


def own_senders(mails: Sequence[Row], known: Iterable[str]) -> set[str]:
    """The senders that are the business itself: those whom much of the mail is sent to, and others of that domain.

    ``known`` are addresses of customers: a domain that one of them uses (a free mail provider's) says nothing.
    """
    received = Counter(m.text("to").casefold() for m in mails if m.text("to"))
    own = {a for a, n in received.items() if n >= max(2, _OWN_SHARE * sum(received.values()))}
    domains = {a.rsplit("@", 1)[-1] for a in own} - {a.rsplit("@", 1)[-1] for a in known}
    senders = {m.text("from").casefold() for m in mails}
    return {s for s in senders if s in own or s.rsplit("@", 1)[-1] in domains}


def _type_of(entity_id: str) -> str:
    return entity_id.split(":", 2)[1] if entity_id.startswith("row:") else ""
