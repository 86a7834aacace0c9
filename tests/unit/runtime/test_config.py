"""Settings come from the environment and go back into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.config import Settings
from runtime.errors import Invalid


def test_no_settings_are_needed() -> None:
    assert Settings.from_environment({}) == Settings()


def test_settings_go_through_an_environment_unchanged() -> None:
    settings = Settings(data_dir=Path("/tmp/x"), port=9, gateway_hold_s=1.5, operator_key="s3cret")

    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(("name", "value"), [("RAGLEAP_PORT", "eighty"), ("RAGLEAP_MESSAGE_TTL_S", "")])
def test_a_value_of_the_wrong_type_is_named(name: str, value: str) -> None:
    with pytest.raises(Invalid, match=name) as refused:
        Settings.from_environment({name: value})
    assert "class" not in str(refused.value)


def test_secrets_are_not_printed() -> None:
    secret = "do-not-print"
    settings = Settings(
        graph_password=secret, vectors_token=secret, language_model_key=secret, operator_key=secret,
        session_secret=secret,
    )  # fmt: skip

    assert secret not in repr(settings)
