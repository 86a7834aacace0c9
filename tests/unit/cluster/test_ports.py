from __future__ import annotations

import socket

import pytest
from any_port import taken_when_any_will_do
from running_stack import free_port

from cluster.ports import claim_port, hold_port, is_free, plan_ports
from runtime.errors import Conflict, Unavailable


def test_the_plan_is_the_same_for_the_same_directory_and_has_no_port_twice() -> None:
    plan = plan_ports(8000, "/data", lambda port: True)
    assert plan == plan_ports(8000, "/data", lambda port: True)
    single = [plan.http, plan.gcs, plan.fallback, plan.proxy_metrics, plan.proxy_stats, plan.dashboard, plan.claim]
    assert len({*single, *range(plan.replicas, plan.replicas_end)}) == len(single) + 40


def test_a_block_with_a_taken_port_is_passed_over() -> None:
    first = plan_ports(8000, "/data", lambda port: True)
    second = plan_ports(8000, "/data", lambda port: port != first.replicas)
    assert first.gcs != second.gcs


def test_the_door_is_never_within_the_block() -> None:
    first = plan_ports(8000, "/data", lambda port: True)
    assert plan_ports(first.gcs, "/data", lambda port: True).gcs != first.gcs


def test_no_free_block_is_said() -> None:
    with pytest.raises(Unavailable, match="No free block"):
        plan_ports(8000, "/data", lambda port: False)


def test_a_taken_port_is_refused_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} .* taken"):
            hold_port("127.0.0.1", port)
        assert not is_free(port)


@pytest.mark.parametrize("how", ["listening", "calling"])
def test_a_held_port_is_given_to_nobody_who_takes_any(how: str) -> None:
    port = free_port()
    with hold_port("127.0.0.1", port):
        assert not taken_when_any_will_do(port, how)
    assert taken_when_any_will_do(port, how)


def test_who_asks_for_a_held_port_by_its_number_gets_it_again_and_again_and_nobody_beside_him() -> None:
    with hold_port("127.0.0.1", free_port()) as held:
        address = held.getsockname()
        for _ in range(2):
            with socket.create_server(address), pytest.raises(Conflict):
                hold_port(*address)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)


def test_a_claimed_block_is_in_no_other_stacks_plan() -> None:
    first = plan_ports(8000, "/data", is_free)
    with claim_port(first.claim):
        assert plan_ports(8000, "/data", is_free).claim != first.claim
    assert plan_ports(8000, "/data", is_free) == first
