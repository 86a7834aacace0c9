"""Set questions over a real graph and real models: complete, exact, quoted, and blind to what is not this tenant's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from actors.messages import AskSet, SetAnswer, Status
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.names import email_id
from actors.ports import (
    Catalogue,
    Column,
    ColumnKind,
    EntityType,
    GraphEntity,
    GraphRelation,
    Join,
    LiveDocument,
    Scalar,
    Support,
    VectorRow,
)
from actors.retrieval.set_question import SetQuestions
from actors.stores.bolt_graph import Bolt, BoltGraph
from actors.stores.milvus_vectors import MilvusVectors
from runtime.clock import SystemClock

QUESTION = "Which customers complained about delivery last month and what products did they order?"
AS_OF = "2026-05-15"
SHOP = "desk@example.org"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library of what a test has put in: every document live in version 1, but for ``gone``."""

    gone: frozenset[str]
    titles: Mapping[str, str]
    types: tuple[EntityType, ...]
    joins: tuple[Join, ...]

    async def live(self) -> Mapping[str, LiveDocument]:
        return {
            d: LiveDocument(document_id=d, version=1, title=t, media_type="text/plain")
            for d, t in self.titles.items()
            if d not in self.gone
        }

    async def catalogue(self) -> Catalogue:
        return Catalogue(types=self.types, joins=self.joins)


@dataclass(slots=True)
class Shop:
    """Rows and mails as ingestion puts them into the stores."""

    entities: list[GraphEntity] = field(default_factory=list)
    relations: list[GraphRelation] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def row(self, kind: str, key: str, name: str, links: Mapping[str, str], /, **cells: Scalar) -> None:
        support = Support(document_id=f"d-{kind}", version=1, chunk_id=f"c-{kind}")
        self._put(kind, key, name, support, cells, links)
        line = "; ".join(f"{column}: {value}" for column, value in cells.items())
        self.texts[support.chunk_id] = self.texts.get(support.chunk_id, "") + line + "\n"

    def mail(self, key: str, sender: str, name: str, day: str, subject: str, body: str) -> None:
        support = Support(document_id=f"d-mail-{key}", version=1, chunk_id=f"c-mail-{key}")
        cells = {"from": sender, "from_name": name, "to": SHOP, "subject": subject, "date": day, "body": body}
        self._put("mail", key, subject, support, cells, {"from": email_id(sender)})
        self.texts[support.chunk_id] = f"Subject: {subject}\nFrom: {name} <{sender}>\n\n{body}\n"

    def _put(
        self, kind: str, key: str, name: str, support: Support, cells: Mapping[str, Scalar], links: Mapping[str, str]
    ) -> None:
        node = f"row:{kind}:{key}"
        self.entities.append(GraphEntity(entity_id=node, type=kind, name=name, support=support, properties=cells))
        for relation, target in links.items():
            if target.startswith("email:"):
                address = target.removeprefix("email:")
                self.entities.append(GraphEntity(entity_id=target, type="person", name=address, support=support))
            self.relations.append(GraphRelation(from_id=node, type=relation, to_id=target, support=support))


def column(name: str, kind: ColumnKind = "text", *, unique: bool = False) -> Column:
    return Column(name=name, kind=kind, unique=unique, filled=1.0, distinct=60)


def kind(name: str, key: str | None, label: str | None, *columns: Column) -> EntityType:
    return EntityType(name=name, document_id=f"d-{name}", version=1, columns=columns, key=key, label=label, rows=9)


TYPES = (
    kind("mail", None, "subject", column("from", "email"), column("from_name"), column("date", "date"), column("body")),
    kind("order", None, None, column("number"), column("email", "email"), column("day", "date"), column("sku")),
    kind("product", "sku", "name", column("sku", unique=True), column("name"), column("price", "number")),
)
JOINS = (
    Join(from_type="mail", from_column="from", to_type="person", to_column="email", relation="from"),
    Join(from_type="order", from_column="email", to_type="person", to_column="email", relation="email"),
    Join(from_type="order", from_column="sku", to_type="product", to_column="sku", relation="sku"),
)


def business() -> Shop:
    shop = Shop()
    for sku, name in (("T1", "Copper Teapot"), ("T2", "Linen Towel"), ("T3", "Beech Stool")):
        shop.row("product", sku, name, {}, sku=sku, name=name, price=20)
    orders = (
        ("1", "ada@example.com", "2026-03-02", "T1"),
        ("1", "ada@example.com", "2026-03-02", "T2"),
        ("2", "ada@example.com", "2026-04-09", "T2"),
        ("3", "bo@example.com", "2026-04-01", "T3"),
        ("4", "cy@example.com", "2026-04-02", "T1"),
    )
    for number, (order, address, day, sku) in enumerate(orders):
        links = {"email": email_id(address), "sku": f"row:product:{sku}"}
        shop.row("order", f"{order}-{number}", order, links, number=order, email=address, day=day, sku=sku)
    late = "My teapot has still not arrived. The parcel should have been here two weeks ago and nobody answers."
    shop.mail("a", "ada@example.com", "Ada Holm", "2026-04-20", "Where is it?", late)
    shop.mail("b", "bo@example.com", "Bo Lind", "2026-04-21", "Stool", "One leg of the stool is broken, it wobbles.")
    shop.mail("c", "cy@example.com", "Cy Noor", "2026-03-28", "Late", "The delivery was ten days late. Very annoying.")
    shop.mail("d", SHOP, "Desk", "2026-04-22", "Re: Where is it?", f"We are sorry!\n\nAda Holm wrote:\n> {late}")
    shop.mail("e", "eve@example.net", "Eve", "2026-04-23", "Parcels", "Your courier lost my parcel, where is it?")
    return shop


@pytest.fixture
async def questions(
    graph: BoltGraph, store: MilvusVectors, embedder: OnnxEmbedder, reranker: OnnxReranker
) -> SetQuestions:
    return await _opened(business(), graph, store, embedder, reranker)


async def _opened(
    shop: Shop,
    graph: BoltGraph,
    store: MilvusVectors,
    embedder: OnnxEmbedder,
    reranker: OnnxReranker,
    gone: frozenset[str] = frozenset(),
) -> SetQuestions:
    await graph.put(shop.entities, shop.relations)
    vectors = await embedder.embed_passages(list(shop.texts.values()))
    await store.upsert(
        [
            VectorRow(
                chunk_id=chunk,
                document_id=f"d{chunk.removeprefix('c')}",
                version=1,
                ordinal=0,
                text=text,
                vector=vector,
                start=0,
                end=len(text),
            )
            for (chunk, text), vector in zip(shop.texts.items(), vectors, strict=True)
        ]
    )
    titles = {f"d{chunk.removeprefix('c')}": chunk for chunk in shop.texts}
    library = Shelf(gone, titles, TYPES, JOINS)
    return SetQuestions(graph, store, library, embedder, reranker, SystemClock())


async def ask(questions: SetQuestions, question: str) -> SetAnswer:
    return await questions.answer(AskSet(question=question, as_of=AS_OF))


async def test_the_customers_their_products_and_the_named_one_are_found(questions: SetQuestions) -> None:
    told = await ask(questions, QUESTION)
    [row] = told.rows
    assert (row.name, row.identity) == ("Ada Holm", "ada@example.com")
    assert set(row.products) == {"Copper Teapot", "Linen Towel"}
    assert row.named == ("Copper Teapot",)
    assert told.answer is not None
    assert told.answer.status is Status.ANSWERED
    assert "1 customer complained about delivery between 1 April 2026 and 30 April 2026" in told.answer.text
    assert "Copper Teapot (named in the mail)" in told.answer.text


async def test_every_citation_stands_verbatim_in_its_chunk(questions: SetQuestions, store: MilvusVectors) -> None:
    answer = (await ask(questions, QUESTION)).answer
    assert answer is not None
    assert answer.citations
    chunks = {hit.chunk_id: hit.text for hit in await store.fetch([c.chunk_id for c in answer.citations])}
    for citation in answer.citations:
        assert citation.quote in chunks[citation.chunk_id]
        assert f"[{citation.n}]" in answer.text


async def test_who_stands_in_no_table_is_told_and_not_counted(questions: SetQuestions) -> None:
    told = await ask(questions, QUESTION)
    assert any("eve@example.net" in name for name in told.unsure)


async def test_nobody_found_is_an_answer_that_says_what_was_counted(questions: SetQuestions) -> None:
    told = await ask(questions, "Which customers complained about delivery in January 2026?")
    assert told.answer is not None
    assert told.rows == ()
    assert told.answer.text.startswith("No customer complained about delivery between 1 January 2026")
    assert "0 mails" in told.answer.text


async def test_orders_and_products_of_a_customer_are_listed(questions: SetQuestions) -> None:
    products = await ask(questions, "Which products did Ada Holm order?")
    orders = await ask(questions, "Which orders were placed by ada@example.com in April?")
    buyers = await ask(questions, "Who ordered the copper teapot?")
    assert {row.name for row in products.rows} == {"Copper Teapot", "Linen Towel"}
    assert [row.name for row in orders.rows] == ["2"]
    assert {row.identity for row in buyers.rows} == {"ada@example.com", "cy@example.com"}


async def test_an_ordinary_question_is_left_alone(questions: SetQuestions) -> None:
    assert not (await ask(questions, "What is your return policy?")).planned
    assert not (await ask(questions, "Which products did Zed Nobody order?")).planned


async def test_what_is_not_live_is_not_counted(
    graph: BoltGraph, store: MilvusVectors, embedder: OnnxEmbedder, reranker: OnnxReranker
) -> None:
    questions = await _opened(business(), graph, store, embedder, reranker, frozenset({"d-mail-a"}))
    assert (await ask(questions, QUESTION)).rows == ()


async def test_another_tenants_mails_and_orders_are_not_seen(
    questions: SetQuestions, graphs: Bolt, store: MilvusVectors, embedder: OnnxEmbedder, reranker: OnnxReranker
) -> None:
    assert (await ask(questions, QUESTION)).rows
    other = graphs.bound("another_tenant_of_set_questions")
    library = Shelf(frozenset(), {f"d{c.removeprefix('c')}": c for c in business().texts}, TYPES, JOINS)
    blind = SetQuestions(other, store, library, embedder, reranker, SystemClock())
    assert (await ask(blind, QUESTION)).rows == ()
