"""What a question names is found in the graph in whatever spelling, on the real stores; nothing of another tenant."""

from __future__ import annotations

import pytest
from ingest_works import Works

from actors.retrieval.graph_walk import Walk, WalkSettings, walk
from runtime.ids import new_id

FILES = {
    "oakley": "Margaret Oakley keeps the keys of the warehouse.",
    "bright": "Ada Bright signs for Westbrook Foods Ltd on Mondays.",
    "limited": "Westbrook Foods Limited has its cold store in Leeds.",
    "formerly": "Meridian Logistics (formerly Baltic Freight) drives at night.",
    "baltic": "Baltic Freight owns nine lorries.",
    "board": "The National Harbour Board (NHB) meets in May.",
    "nhb": "Fees are set by the NHB each year.",
    "address": "A parcel for oakley@example.com has come back.",
    "noise": "Oliver Grant of Porto asked about the weather.",
}


async def filled(works: Works) -> Works:
    for name, text in FILES.items():
        await works.ingest(name, f"{name}.txt", text.encode())
    return works


async def walked(works: Works, query: str) -> Walk:
    live = {document: version for (tenant, document), (version, _) in works.board.live.items()}
    return await walk(query, works.graph, lambda document, version: live.get(document) == version, WalkSettings())


async def documents(works: Works, query: str) -> list[str]:
    return [chunk.split(".")[0] for chunk in (await walked(works, query)).chunks]


QUESTIONS = [
    ("What does Margaret Oakley keep?", "oakley"),
    ("What does Margret Oakley keep?", "oakley"),
    ("what does margaret oakly keep?", "oakley"),
    ("What does M. Oakley keep?", "oakley"),
    ("What does Mrs. Margaret Oakley keep?", "oakley"),
    ("What did oakley@example.com ask?", "address"),
    ("Where is the cold store of Westbrook Foods?", "limited"),
    ("Where is the cold store of Westbrok Foods Ltd?", "limited"),
    ("How many lorries does Meridian Logistics own?", "baltic"),
    ("What does the National Harbour Board set?", "nhb"),
]


async def test_a_question_finds_its_entity_in_another_spelling(works: Works) -> None:
    await filled(works)
    for query, document in QUESTIONS:
        assert document in (await documents(works, query))[:3], query
    assert await documents(works, "What does Margot Oakley keep?") == []
    assert await documents(works, "Who is Oliver Trant?") in ([], ["noise"])


async def test_two_hops_go_through_a_thing_with_two_spellings(works: Works) -> None:
    await filled(works)
    found = await walked(works, "Where does the firm that Ada Bright signs for have its cold store?")
    chunk = next(chunk for chunk in found.chunks if chunk.startswith("limited."))
    assert "same_as" in {step.relation for step in found.path(chunk)}


async def test_what_an_alias_rests_on_goes_with_its_document(works: Works) -> None:
    await filled(works)
    await works.delete("formerly")
    assert "baltic" not in await documents(works, "How many lorries does Meridian Logistics own?")


@pytest.mark.parametrize("query", [query for query, _ in QUESTIONS])
async def test_another_tenant_finds_nothing_of_it(works: Works, query: str) -> None:
    await works.ingest("oakley", "oakley.txt", FILES["oakley"].encode())
    other = works.of(new_id("t"))
    other.board.live.update({(other.tenant, d): made for (_, d), made in works.board.live.items()})
    assert await documents(other, query) == []
