"""One URI says where the graph is."""

from __future__ import annotations

import pytest

from cluster.graph_address import GraphAddress
from runtime.config import Settings
from runtime.errors import Invalid


def address(uri: str, **settings: str) -> tuple[str, str, str, str]:
    made = GraphAddress.of(Settings(graph_uri=uri, **settings))  # type: ignore[arg-type]
    return made.uri, made.user, made.password, made.database


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("bolt://127.0.0.1:7687", ("bolt://127.0.0.1:7687", "", "", "neo4j")),
        ("bolt://neo4j:p%40ss@db:7687/shop", ("bolt://db:7687", "neo4j", "p@ss", "shop")),
        ("neo4j+s://a:b@db.example", ("neo4j+s://db.example", "a", "b", "neo4j")),
        ("neo4j://a:b@db:7687/?policy=eu", ("neo4j://db:7687?policy=eu", "a", "b", "neo4j")),
        ("bolt://a:b@[::1]:7687", ("bolt://[::1]:7687", "a", "b", "neo4j")),
    ],
)
def test_a_uri_may_say_it_all(uri: str, expected: tuple[str, ...]) -> None:
    assert address(uri) == expected


def test_what_the_uri_leaves_out_is_taken_from_the_other_settings() -> None:
    rest = {"graph_user": "u", "graph_password": "p", "graph_database": "d"}
    assert address("bolt://db:7687", **rest) == ("bolt://db:7687", "u", "p", "d")
    assert address("bolt://a:b@db:7687/c", **rest) == ("bolt://db:7687", "a", "b", "c")


@pytest.mark.parametrize("uri", ["", "db:7687", "http://db:7687", "bolt://", "bolt://db:port"])
def test_what_is_no_bolt_servers_uri_is_refused(uri: str) -> None:
    with pytest.raises(Invalid, match="RAGLEAP_GRAPH_URI"):
        address(uri)


def test_a_password_is_not_printed() -> None:
    assert "secret" not in repr(GraphAddress.of(Settings(graph_uri="bolt://neo4j:secret@db:7687")))
