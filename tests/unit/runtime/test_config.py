"""Settings come from the environment and go back into it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import runtime
from runtime.config import Settings
from runtime.errors import Invalid

ROOT = Path(runtime.__file__).resolve().parents[1]


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
        database_url=f"postgresql://ragleap:{secret}@db/ragleap", graph_uri=f"bolt://neo4j:{secret}@graph:7687",
        vectors_uri=f"http://root:{secret}@vectors:19530", graph_password=secret, vectors_token=secret,
        language_model_key=secret, operator_key=secret, session_secret=secret, sealing_keys=secret,
    )  # fmt: skip

    assert secret not in repr(settings)


def test_what_is_named_like_a_secret_is_never_printed() -> None:
    secret = re.compile("password|token$|_keys?$|secret")

    printed = [field.name for field in dataclasses.fields(Settings) if secret.search(field.name) and field.repr]

    assert printed == []


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_each_setting_is_read_from_the_variable_of_its_name_and_no_other(field: dataclasses.Field[object]) -> None:
    settings = Settings.from_environment({f"RAGLEAP_{field.name.upper()}": "7", field.name: "8", "PORTS": "9"})

    assert settings == dataclasses.replace(Settings(), **{field.name: type(field.default)("7")})


def test_nothing_in_the_runtime_or_the_actors_reads_the_environment() -> None:
    readers = {str(path.relative_to(ROOT)) for path in _sources("runtime", "actors") if _ENVIRONMENT(path.read_text())}

    assert readers == set()


def test_the_composition_root_reads_it_into_settings_or_hands_it_to_a_child() -> None:
    lines = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in _sources("cluster")
        for line in path.read_text().splitlines()
        if _ENVIRONMENT(line) and "Settings.from_environment(os.environ)" not in line
    }

    assert lines == {
        "cluster/cli/stack.py: status = asyncio.run(run_up(settings, os.environ, with_demo=demo, dashboard=dashboard, "
        "say=_say))",  # what Ray's processes inherit of it: cluster/ray_environment.py
        "cluster/embedded/launch.py: os.environ.update(variables)",  # a child's own, before it becomes the child
        "cluster/model_files.py: environment = dict(os.environ, TMPDIR=str(place))  # so that the growing download can "
        "be seen",
    }


def test_every_variable_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`RAGLEAP_([A-Z_]+)", (ROOT / "README.md").read_text()))
    settings = {field.name.upper() for field in dataclasses.fields(Settings)}
    options = set(re.findall(r'envvar="RAGLEAP_([A-Z_]+)"', "".join(path.read_text() for path in _sources("cluster"))))

    assert named - settings - options == set()


def _sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (ROOT / package).rglob("*.py")


_ENVIRONMENT = re.compile(r"\bos\.(environ|getenv)|\bimport (environ|getenv)").search
