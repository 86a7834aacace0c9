"""The SQL for the operator."""

from __future__ import annotations

import pytest

from actors.database.dialects import Family
from actors.database.recipe import recipe
from runtime.errors import Invalid


@pytest.mark.parametrize("family", [Family.POSTGRES, Family.MYSQL])
def test_only_the_tables_that_are_named_may_be_read(family: Family) -> None:
    told = recipe(family, database="shop", user="reader", tables=("orders", "sales.returns"))
    granted = [line for line in told.splitlines() if line.startswith("GRANT SELECT")]
    assert len(granted) == 2
    assert "orders" in granted[0]
    assert "sales" in granted[1]


@pytest.mark.parametrize("family", [Family.POSTGRES, Family.MYSQL])
@pytest.mark.parametrize("name", ['x"; DROP TABLE y; --', "x`y", "x'y", "", "a b"])
def test_a_name_that_could_say_more_than_a_name_is_not_written(family: Family, name: str) -> None:
    for given in ({"database": name, "user": "r"}, {"database": "d", "user": name}):
        with pytest.raises(Invalid):
            recipe(family, **given)
    if name:
        with pytest.raises(Invalid):
            recipe(family, database="d", user="r", tables=(name,))
