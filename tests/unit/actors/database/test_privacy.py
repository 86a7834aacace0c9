"""Columns are kept back by what they are called, in whatever style."""

from __future__ import annotations

import pytest

from actors.database.privacy import Privacy, privacy_of

_OPENS = "passwordHash user_pwd ApiKey api_keys access_token SSN aadhaar_number cardNumber iban CVV pin tax_id"
_PERSONAL = "email e_mail customerEmail phone_number Mobile date_of_birth address"
_SOUNDS = "status city shipping_method spinning company pinned hashtag id updated_at opinion saltiness category"


@pytest.mark.parametrize("name", _OPENS.split())
def test_what_opens_something_or_names_a_person_to_an_authority_is_hidden(name: str) -> None:
    assert privacy_of(name, "varchar(80)") is Privacy.HIDDEN


@pytest.mark.parametrize("name", _SOUNDS.split())
def test_what_only_sounds_like_it_is_not_hidden(name: str) -> None:
    assert privacy_of(name, "text") is not Privacy.HIDDEN


@pytest.mark.parametrize("type_", ["bytea", "BLOB", "varbinary(16)", "LONGBLOB"])
def test_bytes_are_not_read(type_: str) -> None:
    assert privacy_of("picture", type_) is Privacy.HIDDEN
