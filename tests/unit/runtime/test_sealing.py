"""Secrets lie sealed: for one tenant, for one purpose, and readable over a change of keys."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import Invalid, Terminal
from runtime.sealing import Sealer, add_key, keys_in, keys_of_file, new_key

TOKEN = "12345:the-bot's-token"
OF = {"tenant": "shop", "purpose": "channel/ch_1"}
SEALER = Sealer([new_key()])


@given(st.text())
def test_what_was_sealed_opens_as_it_was(secret: str) -> None:
    assert SEALER.open(SEALER.seal(secret, **OF), **OF) == secret


def test_a_seal_shows_nothing_and_is_never_the_same() -> None:
    one, other = SEALER.seal(TOKEN, **OF), SEALER.seal(TOKEN, **OF)

    assert TOKEN not in one
    assert "shop" not in one
    assert one != other


@pytest.mark.parametrize("wrong", [{"tenant": "rival"}, {"purpose": "channel/ch_2"}, {"tenant": "", "purpose": ""}])
def test_a_secret_opens_for_its_own_tenant_and_purpose_only(wrong: dict[str, str]) -> None:
    sealed = SEALER.seal(TOKEN, **OF)
    with pytest.raises(Terminal) as raised:
        SEALER.open(sealed, **{**OF, **wrong})

    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("damage", ["", "x", "no seal at all", "é"])
def test_what_is_no_seal_of_ours_does_not_open(damage: str) -> None:
    sealed = SEALER.seal(TOKEN, **OF)
    for broken in (damage, sealed[:-4] + damage, sealed[:40] + "A" + sealed[41:]):
        if broken != sealed:
            with pytest.raises(Terminal):
                SEALER.open(broken, **OF)


def test_another_installation_opens_nothing_and_its_error_tells_nothing() -> None:
    sealed = SEALER.seal(TOKEN, **OF)
    with pytest.raises(Terminal) as raised:
        Sealer([new_key()]).open(sealed, **OF)

    assert TOKEN not in str(raised.value)
    assert sealed not in str(pickle.loads(pickle.dumps(raised.value)))


def test_old_secrets_open_while_their_key_is_there_and_are_sealed_anew_by_the_newest() -> None:
    old, new = new_key(), new_key()
    sealed = Sealer([old]).seal(TOKEN, **OF)
    both = Sealer([new, old])
    assert both.open(sealed, **OF) == TOKEN

    resealed = both.resealed(sealed, **OF)
    assert Sealer([new]).open(resealed, **OF) == TOKEN
    with pytest.raises(Terminal):
        Sealer([old]).open(resealed, **OF)


@pytest.mark.parametrize("keys", [[], ["short"], ["x" * 44], [new_key(), "é"]])
def test_no_key_and_what_is_none_are_refused(keys: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        Sealer(keys)

    assert all(key not in str(raised.value) for key in keys)


def test_neither_keys_nor_secrets_are_shown() -> None:
    key = new_key()

    assert key not in repr(Sealer([key]))
    assert key not in str(vars(Sealer([key])))


def test_keys_may_stand_on_lines_or_between_commas() -> None:
    assert keys_in("a, b\nc\n") == ["a", "b", "c"]


def test_a_key_is_made_on_first_use_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "sealing.keys"
    keys = keys_of_file(file)

    assert keys == keys_of_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["sealing.keys"]
    assert Sealer(keys).open(Sealer(keys).seal(TOKEN, **OF), **OF) == TOKEN


def test_of_several_that_begin_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "sealing.keys"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(keys_of_file, [file] * 8))

    assert len({tuple(keys) for keys in found}) == 1


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sealing.keys"
    keys_of_file(file)
    file.chmod(0o640)
    with pytest.raises(Invalid, match="chmod 600"):
        keys_of_file(file)


def test_a_new_key_goes_before_the_old_ones(tmp_path: Path) -> None:
    file = tmp_path / "sealing.keys"
    (old,) = keys_of_file(file)
    new, same = add_key(file)

    assert (same, keys_of_file(file)) == (old, [new, old])
    assert file.stat().st_mode & 0o777 == 0o600
