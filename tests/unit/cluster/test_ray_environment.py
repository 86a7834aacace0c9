from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cluster.ports import plan_ports
from cluster.process_tree import MARK, RAY_MARK
from cluster.ray_environment import ray_environment
from runtime.config import Settings


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return ray_environment(
        {"PATH": "/bin", "HOME": "/root", "RAY_ADDRESS": "elsewhere:1", "SECRET_OF_THE_SHELL": "x"},
        replace(Settings(), graph_password="p4ss", cells=7),
        plan_ports(8000, "seed", lambda port: True),
        ray_dir=tmp_path,
        proxy_dir=tmp_path,
        token_file=tmp_path / "token",
        mark="abc",
    )


def test_settings_reach_every_actor_through_the_environment(environment: dict[str, str]) -> None:
    found = Settings.from_environment(environment)
    assert (found.graph_password, found.cells) == ("p4ss", 7)


def test_nothing_of_the_shell_that_was_not_named_is_passed_on(environment: dict[str, str]) -> None:
    assert "SECRET_OF_THE_SHELL" not in environment
    assert "RAY_ADDRESS" not in environment
    assert environment["PATH"] == "/bin"


def test_whoever_reaches_a_ray_port_needs_the_token(environment: dict[str, str], tmp_path: Path) -> None:
    assert environment["RAY_AUTH_MODE"] == "token"
    assert environment["RAY_AUTH_TOKEN_PATH"] == str(tmp_path / "token")


def test_processes_carry_the_mark_of_their_data_directory(environment: dict[str, str]) -> None:
    assert environment[MARK] == environment[RAY_MARK] == "abc"
