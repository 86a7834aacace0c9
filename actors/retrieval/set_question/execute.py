"""Runs a planned set question over the live graph: complete, read-only, bounded.

Owns :class:`Result`, what the answer is written from. The text predicate is judged on every mail that the other
conditions leave; where a bound was met, the result says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from actors.names import name_key
from actors.retrieval.set_question.judge import Claim, Judge, Verdict
from actors.retrieval.set_question.mail_text import own_words
from actors.retrieval.set_question.naming import named_in
from actors.retrieval.set_question.people import People, Person, own_senders
from actors.retrieval.set_question.plan import schema_role
from actors.retrieval.set_question.predicate import narrowed_topics
from actors.retrieval.set_question.purchases import Product, Purchases
from actors.retrieval.set_question.query import DateFilter, SetQuery, ValueFilter
from actors.retrieval.set_question.schema import MAIL, Schema
from actors.retrieval.set_question.walk import Budget, Row, Walker

MAX_JUDGED = 2_000  # mails judged for one question


@dataclass(slots=True)
class Telling:
    """A mail that speaks for a member, with its sentence."""

    mail: Row
    quote: str
    probability: float


@dataclass(slots=True)
class Member:
    """One member of the set, as found."""

    name: str
    identity: str = ""
    products: list[Product] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)  # what else tells of it
    people: list[str] = field(default_factory=list)  # who, for products and orders
    stranger: bool = False  # in none of the tenant's tables


@dataclass(slots=True)
class Result:
    """What was found and what was counted."""

    query: SetQuery
    members: list[Member]
    unsure: list[Member]
    judged: int = 0
    considered: int = 0
    strangers: list[Member] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


class Executor:
    """Runs one query. Collaborators are bound to one tenant and one question."""

    def __init__(
        self, walker: Walker, schema: Schema, people: People, purchases: Purchases, judge: Judge, budget: Budget
    ) -> None:
        self._walker = walker
        self._schema = schema
        self._people = people
        self._purchases = purchases
        self._judge = judge
        self._budget = budget

    async def run(self, query: SetQuery) -> Result:
        if query.text is not None:
            result = await self._by_text(query)
        elif query.target.role == "mail":
            mails = await self._mails(query)
            result = Result(query=query, members=[_mail_member(m) for m in mails], unsure=[], considered=len(mails))
        elif query.target.role == "other":
            result = await self._other(query)
        else:
            result = await self._by_orders(query)
        result.cut = list(self._budget.cut)
        return result

    # ---------------------------------------------------------------------------------------------------------- mails

    async def _mails(self, query: SetQuery) -> list[Row]:
        """The mails that the conditions other than the text leave."""
        when = query.date_of(MAIL)
        senders = [f for f in query.values() if schema_role(f, self._schema) == "person" and f.entity_ids]
        mails = [m for m in await self._walker.of_type(MAIL) if _within(m, when)]
        for each in senders:
            ids = set(each.entity_ids)
            people = await self._people.of_mails(mails)
            mails = [m for p in people if ids & set(p.nodes) for m in p.mails]
        return sorted(mails, key=lambda m: (m.text("date"), m.id))

    async def _by_text(self, query: SetQuery) -> Result:
        assert query.text is not None
        everything = await self._walker.of_type(MAIL)
        mails = await self._mails(query)
        known = {p.identity for p in await self._people.of_mails(mails) if p.known}
        own = own_senders(everything, known) - known
        mails = [m for m in mails if m.text("from").casefold() not in own]
        if len(mails) > MAX_JUDGED:
            self._budget.note(f"only the latest {MAX_JUDGED:,} of {len(mails):,} mails were judged")
            mails = mails[-MAX_JUDGED:]
        verdicts = await self._verdicts(query, mails)
        sure = {m.id: v for m, v in zip(mails, verdicts, strict=True) if v.says == "yes"}
        unsure = {m.id: v for m, v in zip(mails, verdicts, strict=True) if v.says == "unsure"}
        members = await self._from_mails(query, [m for m in mails if m.id in sure], sure)
        taken = {m.identity for m in members}
        doubtful = await self._from_mails(query, [m for m in mails if m.id in unsure], unsure)
        result = Result(query=query, members=members, unsure=doubtful, judged=len(mails), considered=len(mails))
        if query.target.role != "mail":
            result.unsure = [m for m in doubtful if m.identity not in taken]
            if self._people.tables_know_people:
                result.strangers = [m for m in members if m.stranger]
                result.members = [m for m in members if not m.stranger]
        if query.target.role in ("product", "order"):
            self._turn(result)
        return result

    async def _verdicts(self, query: SetQuery, mails: Sequence[Row]) -> list[Verdict]:
        assert query.text is not None
        topics = narrowed_topics(query.text.topic, query.text.intent)
        topic = " ".join(topics) if topics else query.text.topic
        claim = Claim(intent=query.text.intent, topic=topic)
        verdicts = await self._judge.judge(claim, [(m.text("subject"), m.text("body")) for m in mails])
        if not query.text.about:
            return verdicts
        catalogue = [p.name for p in await self._purchases.catalogue()]
        no = Verdict(says="no", probability=0.0, quote="")
        return [
            v if named_in(_said_in(m), query.text.about, catalogue) else no
            for m, v in zip(mails, verdicts, strict=True)
        ]

    async def _from_mails(self, query: SetQuery, mails: Sequence[Row], verdicts: dict[str, Verdict]) -> list[Member]:
        tellings = {m.id: Telling(m, verdicts[m.id].quote, verdicts[m.id].probability) for m in mails}
        if query.target.role == "mail":
            return [_mail_member(m, tellings[m.id]) for m in mails]
        people = await self._people.of_mails(mails)
        people = await self._narrow_people(query, people)
        wanted = query.projection is not None or query.target.role in ("product", "order")
        orders = await self._orders_of(query, people) if wanted else {}
        products = await self._purchases.of_orders([o for each in orders.values() for o in each])
        others = [p.name for p in await self._purchases.catalogue()] if wanted else []
        members = []
        for person in people:
            own = orders.get(person.identity, [])
            bought = list({name_key(p.name): p for o in own for p in products.get(o.id, ())}.values())
            text = "\n".join(_said_in(m) for m in person.mails)
            codes = {p.code: p.name for p in bought if p.code}
            members.append(
                Member(
                    name=person.name,
                    identity=person.identity,
                    products=bought,
                    named=named_in(text, [p.name for p in bought], others, codes),
                    orders=own,
                    tellings=[tellings[m.id] for m in person.mails],
                    stranger=not person.known,
                )
            )
        return members

    async def _orders_of(self, query: SetQuery, people: Sequence[Person]) -> dict[str, list[Row]]:
        dates = query.projection.dates if query.projection else None
        dates = dates or next((f for f in query.filters if isinstance(f, DateFilter) and f.type != MAIL), None)
        orders = await self._purchases.of_people(people, dates)
        cells = [f for f in query.values() if schema_role(f, self._schema) == "order" and not f.entity_ids]
        return {who: [o for o in each if all(_has(o, f) for f in cells)] for who, each in orders.items()}

    async def _narrow_people(self, query: SetQuery, people: Sequence[Person]) -> list[Person]:
        """Filters on the people's own cells, and on what they ordered."""
        kept = list(people)
        for each in query.values():
            role = schema_role(each, self._schema)
            if role == "person" and not each.entity_ids:
                rows = await self._walker.by_id(n for p in kept for n in p.nodes if n.startswith(f"row:{each.type}:"))
                kept = [p for p in kept if any(n in rows and _has(rows[n], each) for n in p.nodes)]
            elif role == "product":
                orders = await self._purchases.of_people(kept)
                products = await self._purchases.of_orders([o for own in orders.values() for o in own])
                kept = [p for p in kept if any(_is_one_of(x, each) for o in orders[p.identity] for x in products[o.id])]
        return kept

    def _turn(self, result: Result) -> None:
        """From people with their orders to the products or orders themselves."""
        as_orders = result.query.target.role == "order"
        for group in ("members", "unsure"):
            found: dict[str, Member] = {}
            for person in getattr(result, group):
                if as_orders:
                    for order in person.orders:
                        number = self._purchases.number(order)
                        member = found.setdefault(number, Member(name=number, identity=number))
                        member.orders.append(order)
                        _add(member, person)
                    continue
                for product in person.products:
                    member = found.setdefault(product.key, Member(name=product.name, identity=product.code))
                    member.named += [n for n in person.named if n == product.name and n not in member.named]
                    _add(member, person)
            setattr(result, group, list(found.values()))
        known = {m.identity or m.name for m in result.members}
        result.unsure = [m for m in result.unsure if (m.identity or m.name) not in known]

    # --------------------------------------------------------------------------------------------------------- orders

    async def _by_orders(self, query: SetQuery) -> Result:
        by_role = {role: [f for f in query.values() if schema_role(f, self._schema) == role]
                   for role in ("person", "product", "order", "other", "mail")}  # fmt: skip
        if by_role["other"] or by_role["mail"]:
            return Result(query=query, members=[], unsure=[])
        if (
            query.target.role == "person"
            and not by_role["product"]
            and not by_role["order"]
            and not query.filters_on_orders(self._schema.orders)
        ):
            return await self._people_only(query, by_role["person"])
        if query.target.role == "product" and not query.path:
            return await self._products_only(query, by_role["product"])
        orders = await self._orders(query, by_role["person"], by_role["order"])
        products = await self._purchases.of_orders(orders)
        if by_role["product"]:
            orders = [
                o for o in orders if all(any(_is_one_of(p, f) for p in products[o.id]) for f in by_role["product"])
            ]
        result = Result(query=query, members=[], unsure=[], considered=len(orders))
        if query.target.role == "person":
            pairs = await self._people.with_orders(orders)
            result.members = [Member(name=p.name, identity=p.identity, orders=own, rows=own) for p, own in pairs]
        elif query.target.role == "order":
            result.members = self._order_members(orders, products)
        else:
            found: dict[str, Member] = {}
            for order in orders:
                for product in products[order.id]:
                    if by_role["product"] and not any(_is_one_of(product, f) for f in by_role["product"]):
                        continue
                    member = found.setdefault(product.key, Member(name=product.name, identity=product.code))
                    member.rows.append(order)
                    member.orders.append(order)
            result.members = list(found.values())
        return result

    def _order_members(self, orders: Sequence[Row], products: dict[str, list[Product]]) -> list[Member]:
        """Orders by number: lines of one order are one."""
        found: dict[str, Member] = {}
        for order in orders:
            number = self._purchases.number(order)
            member = found.setdefault(number, Member(name=number, identity=number))
            member.orders.append(order)
            member.rows.append(order)
            member.products += [p for p in products[order.id] if p.key not in {q.key for q in member.products}]
        return list(found.values())

    async def _orders(self, query: SetQuery, people: Sequence[ValueFilter], cells: Sequence[ValueFilter]) -> list[Row]:
        dates = next((f for f in query.filters if isinstance(f, DateFilter)), None)
        fixed = {i for f in cells for i in f.entity_ids}
        nodes = [i for f in people for i in f.entity_ids]
        if nodes:
            persons = await self._people.of_nodes(nodes) or []
            named = [Person(identity=f.value, name=f.value, nodes=list(f.entity_ids)) for f in people]
            by_person = await self._purchases.of_people(persons or named, dates)
            orders = list({o.id: o for own in by_person.values() for o in own}.values())
        elif fixed:
            orders = list((await self._walker.by_id(fixed)).values())
        else:
            orders = [o for name in self._schema.orders for o in await self._walker.of_type(name)]
        orders = [o for o in orders if self._purchases.fits(o, dates) and (not fixed or o.id in fixed)]
        orders = [o for o in orders if all(_has(o, f) for f in cells if not f.entity_ids)]
        on_people = [f for f in people if not f.entity_ids]
        if on_people:
            pairs = await self._people.with_orders(orders)
            kept = {p.identity for p in await self._narrow_people(query, [p for p, _ in pairs])}
            orders = [o for p, own in pairs if p.identity in kept for o in own]
        return sorted(orders, key=lambda o: (self._purchases.when(o), o.id))

    async def _people_only(self, query: SetQuery, filters: Sequence[ValueFilter]) -> Result:
        rows = [r for name in self._schema.people for r in await self._walker.of_type(name)]
        ids = {i for f in filters for i in f.entity_ids}
        rows = [r for r in rows if all(_has(r, f) for f in filters if not f.entity_ids) and (not ids or r.id in ids)]
        rows = [r for r in rows if all(_in_dates(r, f) for f in query.filters if isinstance(f, DateFilter))]
        people = await self._people.of_nodes([r.id for r in rows])
        by_id = {r.id: r for r in rows}
        members = [
            Member(name=p.name, identity=p.identity, rows=[by_id[n] for n in p.nodes if n in by_id]) for p in people
        ]
        return Result(query=query, members=members, unsure=[], considered=len(rows))

    async def _products_only(self, query: SetQuery, filters: Sequence[ValueFilter]) -> Result:
        rows = [r for name in self._schema.products for r in await self._walker.of_type(name)]
        rows = [r for r in rows if all(_has(r, f) if not f.entity_ids else r.id in f.entity_ids for f in filters)]
        rows = [r for r in rows if all(_in_dates(r, f) for f in query.filters if isinstance(f, DateFilter))]
        members = [Member(name=self._schema.title(r.type, r.cells, r.name), rows=[r]) for r in rows]
        return Result(query=query, members=members, unsure=[], considered=len(rows))

    async def _other(self, query: SetQuery) -> Result:
        rows = await self._walker.of_type(query.target.type)
        for each in query.filters:
            if isinstance(each, DateFilter):
                rows = [r for r in rows if _in_dates(r, each)]
            elif each.type == query.target.type and not each.entity_ids:
                rows = [r for r in rows if _has(r, each)]
            else:
                rows = await self._linked(rows, each)
        members = [Member(name=self._schema.title(r.type, r.cells, r.name), identity=r.key, rows=[r]) for r in rows]
        return Result(query=query, members=members, unsure=[], considered=len(rows))

    async def _linked(self, rows: Sequence[Row], each: ValueFilter) -> list[Row]:
        """The rows that an edge of the catalogue leads from to what the filter names."""
        relations = sorted(
            {j.relation for j in self._schema.joins if rows and rows[0].type in (j.from_type, j.to_type)}
        )
        near = await self._walker.neighbours([r.id for r in rows], relations)
        ids = set(each.entity_ids)
        return [r for r in rows if ids & set(near.get(r.id, ()))]


def _said_in(mail: Row) -> str:
    return f"{mail.text('subject')}\n{own_words(mail.text('body'))}"


def _within(mail: Row, when: DateFilter | None) -> bool:
    return when is None or _in_dates(mail, when)


def _in_dates(row: Row, when: DateFilter) -> bool:
    day = row.text(when.column)[:10]
    return bool(day) and when.range.first.isoformat() <= day <= when.range.last.isoformat()


def _has(row: Row, each: ValueFilter) -> bool:
    return name_key(row.text(each.column)) == name_key(each.value)


def _is_one_of(product: Product, each: ValueFilter) -> bool:
    return product.key in each.entity_ids or name_key(product.name) == name_key(each.value)


def _add(member: Member, person: Member) -> None:
    told = (
        f"{person.name} <{person.identity}>"
        if "@" in person.identity and person.identity != person.name
        else person.name
    )
    if told not in member.people:
        member.people.append(told)
        member.tellings += person.tellings


def _mail_member(mail: Row, telling: Telling | None = None) -> Member:
    who = mail.text("from_name") or mail.text("from")
    return Member(
        name=mail.text("subject") or "(no subject)",
        identity=mail.text("from"),
        tellings=[telling] if telling else [],
        rows=[mail],
        people=[who],
    )
