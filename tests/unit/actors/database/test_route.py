"""Where connections to databases may lead."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import create_engine

from actors.addresses import networks
from actors.database.answer import Caps
from actors.database.engines import _keep_to
from actors.database.reader import Reader
from actors.database.route import Route
from actors.database.target import target_of
from runtime.errors import Invalid, Unavailable


def found(*addresses: str) -> Route:
    return Route(networks("10.1.0.0/16", "X"), lookup=lambda name, port: addresses)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.2.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="RAGLEAP_DATABASE_NETWORKS"):
        found(address).address("db.example", 5432)


def test_one_address_that_may_not_be_reached_spoils_the_name() -> None:
    with pytest.raises(Invalid):
        found("93.184.216.34", "127.0.0.1").address("db.example", 5432)


def test_public_addresses_and_the_operators_networks_are_reached() -> None:
    assert found("93.184.216.34").address("db.example", 5432) == "93.184.216.34"
    assert found("10.1.2.3").address("db.example", 5432) == "10.1.2.3"


@pytest.mark.parametrize("host", ["", "/run/postgresql", "@abstract", "a.example,b.example"])
def test_a_socket_and_a_list_are_no_hosts(host: str) -> None:
    with pytest.raises(Invalid, match="names no host"):
        found("93.184.216.34").address(host, 5432)


def test_a_name_that_is_not_known_is_said() -> None:
    def nobody(name: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(Unavailable, match="not known"):
        Route(lookup=nobody).address("db.example", 5432)


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:p@db.example:5432/x", "mysql+pymysql://u:p@db.example:3306/x"])
def test_every_connection_is_looked_at_anew_and_goes_where_was_looked(url: str) -> None:
    """The name changes its address between two connections."""
    answers = [("93.184.216.34",), ("127.0.0.1",)]
    engine = create_engine(url)
    _keep_to(engine, Route(lookup=lambda name, port: answers.pop(0)))
    named: dict[str, object] = {"host": "db.example", "port": 1}
    for connect in engine.dialect.dispatch.do_connect:
        connect(engine.dialect, None, [], named)
        pinned = named["hostaddr" if engine.dialect.name == "postgresql" else "host"]
        assert pinned == "93.184.216.34"
        with pytest.raises(Invalid):
            connect(engine.dialect, None, [], {"host": "db.example", "port": 1})


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_a_reader_says_that_its_address_may_not_be_reached(scheme: str) -> None:
    reader = Reader(target_of(f"{scheme}://u:p@127.0.0.1:9/x"), Caps(), route=Route())
    with pytest.raises(Invalid, match="not public"):
        await reader.facts()
    reader.close()
