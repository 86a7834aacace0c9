"""A database's URL is opened by its own installation, for its own tenant."""

from __future__ import annotations

import pytest

from actors.database.sealed import Seal
from runtime.errors import Invalid, Terminal

URL = "postgresql://reader:s3cret@db.example:5432/shop"
OLD, NEW = "an old secret of the house", "a new secret of the house"


def test_what_was_sealed_opens_for_its_tenant_and_shows_nothing() -> None:
    sealed = Seal(OLD).close("inn", URL)
    assert Seal(OLD).open("inn", sealed) == URL
    assert "s3cret" not in sealed
    assert sealed != Seal(OLD).close("inn", URL)


def test_another_tenant_cannot_open_it() -> None:
    with pytest.raises(Terminal, match="another tenant"):
        Seal(OLD).open("pub", Seal(OLD).close("inn", URL))


def test_a_new_secret_seals_and_the_old_one_still_opens() -> None:
    sealed = Seal(OLD).close("inn", URL)
    both = Seal(f"{NEW}, {OLD}")
    assert both.open("inn", sealed) == URL
    assert Seal(NEW).open("inn", both.close("inn", URL)) == URL


@pytest.mark.parametrize("sealed", ["", "x", "é", "gAAAAAB" + "A" * 80])
def test_what_was_changed_does_not_open(sealed: str) -> None:
    with pytest.raises(Terminal):
        Seal(OLD).open("inn", sealed)


@pytest.mark.parametrize("secrets", ["", " , ", "short", f"{NEW},short"])
def test_a_secret_that_anybody_could_guess_is_refused(secrets: str) -> None:
    with pytest.raises(Invalid):
        Seal(secrets)
