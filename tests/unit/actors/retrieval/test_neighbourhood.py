from __future__ import annotations

from actors.names import name_id
from actors.ports import GraphEntity, Hop, Support
from actors.retrieval.neighbourhood import Neighbourhood


def hop(one: str, relation: str, other: str, *, document: str = "d1", needs: tuple[str, int] | None = None) -> Hop:
    return Hop(
        from_id=name_id(one),
        from_name=one,
        relation=relation,
        to_id=name_id(other),
        to_name=other,
        to_type="person",
        document_id=document,
        version=1,
        chunk_id=f"{document}.1.0",
        needs=needs,
    )


def near(*hops: Hop, dead: str = "") -> Neighbourhood:
    made = Neighbourhood(lambda document, version: document != dead)
    made.add_hops(hops)
    return made


def test_names_that_mean_one_thing_are_one_node_with_the_chunks_of_both() -> None:
    made = near(hop("Acme Ltd", "same_as", "Acme Limited"), hop("Acme Limited", "mentions", "Bristol"))
    for name, chunk in (("name:acmeltd", "a"), ("name:acmelimited", "b")):
        by = Support(document_id="d", version=1, chunk_id=chunk)
        made.add_entities([GraphEntity(entity_id=name, type="organisation", name=name, support=by)])
    edges = {(one, other) for one, other, _ in made.edges(mention_weight=1.0, relation_weight=0.5)}
    assert {("name:acmelimited", "chunk:a"), ("name:acmelimited", "chunk:b")} <= edges
    assert ("name:acmelimited", "name:bristol") in edges
    assert not any("acmeltd" in end for edge in edges for end in edge)
    assert made.seeds({"name:acmeltd": 0.5, "name:acmelimited": 1.0}) == {"name:acmelimited": 1.0}
    assert made.mass({"name:acmelimited": 0.7})["name:acmeltd"] == 0.7
    assert made.twins(["name:acmeltd"]) == {"name:acmelimited"}


def test_an_initial_counts_for_one_person_and_not_for_two() -> None:
    one = hop("A. Bright", "may_be", "Ada Bright")
    assert near(one).twins(["name:adabright"]) == {"name:abright"}
    both = near(one, hop("A. Bright", "may_be", "Anna Bright", document="d2"))
    assert both.twins(["name:adabright"]) == set()
    assert both.merged() == {}


def test_a_merge_counts_while_both_documents_are_live() -> None:
    told = hop("Acme Ltd", "same_as", "Acme Limited", needs=("d2", 1))
    assert near(told).merged()
    assert near(told, dead="d1").merged() == {}
    assert near(told, dead="d2").merged() == {}


def test_a_merge_is_no_mention() -> None:
    assert near(hop("Acme Ltd", "same_as", "Acme Limited")).mentioned == {}


def test_what_is_read_later_counts_in_what_was_merged_before() -> None:
    made = near(hop("A. Bright", "may_be", "Ada Bright"))
    assert made.twins(["name:adabright"]) == {"name:abright"}
    made.add_hops([hop("A. Bright", "may_be", "Anna Bright", document="d2")])
    assert made.merged() == {}
