from __future__ import annotations

import pytest

from actors.ingest.same import Named, entries, named, relation, verdict
from actors.names import name_id
from actors.ports import GraphEntity, Support


def a(name: str, type: str, document: str = "d1", chunk: int = 0) -> Named:
    by = Support(document_id=document, version=1, chunk_id=f"{document}.1.{chunk}")
    return Named(name_id(name), name, type, by)


PERSON, FIRM, TERM = "person", "organisation", "term"


@pytest.mark.parametrize(
    ("one", "other", "type", "told"),
    [
        ("Harbour Lights Ltd", "Harbour Lights Limited", FIRM, "same"),
        ("Harbour Lights Ltd", "Harbour Lights", FIRM, "may_be"),
        ("Dr. Ada Bright", "Ada Bright", PERSON, "same"),
        ("A. Bright", "Ada Bright", PERSON, "may_be"),
        ("Jürgen Müller", "Juergen Mueller", PERSON, "same"),
        ("Northern Star Freight", "Northern Star Frieght", FIRM, "same"),
        ("Brass Harbour Lantern", "Brass Harbor Lantern", "product", "same"),
        ("Harbour Lights", "Harbour Light", FIRM, "unsure"),
        ("Margaret Oakley", "Margret Oakley", PERSON, "unsure"),
        ("Anna Smith", "Anne Smith", PERSON, "unsure"),
        ("Anna Smith", "Anne Smith", TERM, "unsure"),
        ("Ada Bright", "Ben Bright", PERSON, "different"),
        ("Ada Bright", "Anna Bright", PERSON, "different"),
        ("Acme Ltd", "Acme GmbH", FIRM, "different"),
        ("Model A Lamp", "Model B Lamp", "product", "unsure"),
        ("Unit 12 Lantern", "Unit 13 Lantern", "product", "different"),
        ("NL-2040", "NL-2041", "code", "different"),
        ("East Wing", "West Wing", "place", "different"),
        ("Leeds", "Leads", "place", "different"),
        ("West Africa", "West African", "place", "different"),
        ("Miss Saigon Nights", "Saigon Nights", "work", "different"),
    ],
)
def test_what_two_spellings_tell(one: str, other: str, type: str, told: str) -> None:
    assert verdict(a(one, type), a(other, type)) == told
    assert verdict(a(other, type), a(one, type)) == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Bristol Ltd", FIRM), ("Bristol", "place")),
        (("Ada Bright", PERSON), ("A. Bright", FIRM)),
        (("Apple Inc", FIRM), ("Apple", "product")),
        (("Oakley Lanterns", FIRM), ("Oakley Lantern", PERSON)),
    ],
)
def test_things_of_different_kinds_are_never_one(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert verdict(a(*one), a(*other)) == "different"


def test_a_legal_form_tells_a_firm_whatever_was_recognised() -> None:
    assert verdict(a("Quay Lamps GmbH", PERSON), a("Quay Lamps gmbh.", FIRM)) == "different"  # one id already
    assert verdict(a("Quay Lamps Limited", PERSON), a("Quay Lamps Ltd", FIRM)) == "same"
    assert verdict(a("Ana Sa", PERSON), a("Ana", PERSON)) == "different"


def test_the_edge_is_the_same_whichever_document_came_first() -> None:
    ltd, limited = a("Acme Ltd", FIRM, "d2"), a("Acme Limited", FIRM, "d1")
    edge = relation(ltd, limited, "same_as")
    assert edge == relation(limited, ltd, "same_as")
    assert (edge.from_id, edge.support.document_id, edge.needs) == ("name:acmelimited", "d1", ("d2", 1))
    assert relation(ltd, a("Acme Limited", FIRM, "d2"), "same_as").needs is None


def test_a_name_is_taken_as_its_first_chunk_has_it() -> None:
    def entity(name: str, chunk: int) -> GraphEntity:
        return GraphEntity(entity_id=name_id(name), type=FIRM, name=name, support=a(name, FIRM, chunk=chunk).support)

    late, early = entity("ACME LTD", 10), entity("Acme Ltd", 9)
    assert [each.name for each in named([late, early])] == ["Acme Ltd"]


def test_names_of_one_chunk_share_an_entry() -> None:
    made = entries([a("Acme Ltd", FIRM), a("Acme Limited", FIRM), a("Acme GmbH", FIRM, chunk=1)])
    assert [(e.entity_id, e.name) for e in made] == [
        ("alias:core:acme", "name:acmelimited\tAcme Limited\nname:acmeltd\tAcme Ltd"),
        ("alias:core:acme", "name:acmegmbh\tAcme GmbH"),
    ]
