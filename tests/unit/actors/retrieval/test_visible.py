"""What a reader may find, and that stores are asked for as few documents as possible."""

from __future__ import annotations

from actors.audience import Audience
from actors.ports import LiveDocument
from actors.retrieval import visible as module
from actors.retrieval.visible import visible


def shelf(public: int, staff: int) -> dict[str, LiveDocument]:
    names = [(f"p{n}", Audience.PUBLIC) for n in range(public)] + [(f"s{n}", Audience.STAFF) for n in range(staff)]
    return {
        name: LiveDocument(document_id=name, version=1, title=name, media_type="text/plain", audience=audience)
        for name, audience in names
    }


def test_staff_see_everything_and_the_stores_are_asked_as_ever() -> None:
    live = shelf(2, 3)
    seen = visible(live, Audience.STAFF)
    assert seen.live is live
    assert (seen.scope.only, seen.scope.never) == (None, frozenset())
    assert seen.filter(["p1", "gone"]).document_ids == {"p1"}


def test_a_customer_sees_what_is_public_and_the_smaller_side_is_named() -> None:
    few = visible(shelf(2, 3), Audience.PUBLIC)
    assert set(few.live) == {"p0", "p1"}
    assert few.filter([]).document_ids == {"p0", "p1"}
    many = visible(shelf(5, 1), Audience.PUBLIC)
    assert len(many.live) == 5
    assert (many.filter([]).document_ids, many.filter([]).never_ids) == (None, {"s0"})


def test_asking_for_a_hidden_document_finds_nothing() -> None:
    assert visible(shelf(2, 3), Audience.PUBLIC).filter(["s1"]).document_ids == frozenset()


def test_no_query_names_more_documents_than_a_store_takes() -> None:
    most = module.MAX_NAMED
    huge = visible(shelf(most + 1, most + 2), Audience.PUBLIC)
    assert len(huge.live) == most + 1
    assert (huge.scope.only, huge.scope.never) == (None, frozenset())
    assert len(visible(shelf(most + 2, most), Audience.PUBLIC).scope.never) == most
    assert visible(shelf(most, 5_000), Audience.PUBLIC).scope.only is not None


def test_a_document_without_an_audience_is_hidden() -> None:
    bare = LiveDocument(document_id="d", version=1, title="d", media_type="text/plain")
    assert visible({"d": bare}, Audience.PUBLIC).live == {}
