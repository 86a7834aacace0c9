"""/metrics and /v1/status at the door: the operator's alone, and told also when a cell is away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from stand_ins.door import OPERATOR_KEY, QUIET, StandInPlatform

from runtime.errors import Unavailable


@pytest.fixture
async def operator(url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, headers=headers) as client:
        yield client


async def scraped(operator: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """(sample's name, its labels' values …) → value."""
    text = (await operator.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_and_status_are_the_operators_alone(
    http: httpx.AsyncClient, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    for path in ("/metrics", "/v1/status"):
        assert [(await client.get(path)).status_code for client in (http, owner, visitor, operator)] == [
            401,
            401,
            401,
            200,
        ]


async def test_the_contract_says_that_metrics_need_the_operators_key(http: httpx.AsyncClient) -> None:
    call = (await http.get("/openapi.json")).json()["paths"]["/metrics"]["get"]

    assert "operator's key" in call["description"]
    assert call["security"]


async def test_metrics_count_by_route_and_not_by_path(owner: httpx.AsyncClient, operator: httpx.AsyncClient) -> None:
    await owner.get("/v1/documents/policy")

    text = (await operator.get("/metrics")).text

    assert 'route="/v1/documents/{document_id}"' in text
    assert "policy" not in text


async def test_a_cell_that_does_not_answer_is_down_and_the_others_are_told_of(
    operator: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.cells = {"cell-0": {**QUIET, "turns_waiting": 7}, "cell-1": {"cell": "cell-1", "error": "restarting"}}

    told = await scraped(operator)

    assert (told["ragleap_cell_up", "cell-0"], told["ragleap_cell_up", "cell-1"]) == (1, 0)
    assert told["ragleap_turns_waiting", "cell-0"] == 7
    assert ("ragleap_turns_waiting", "cell-1") not in told


async def test_what_waits_in_the_journal_is_told_also_when_no_cell_can_be_asked(
    operator: httpx.AsyncClient, platform: StandInPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(command: str, arguments: object, *, deadline_s: float) -> dict[str, dict[str, object]]:
        raise Unavailable("No cell serves yet.")

    monkeypatch.setattr(platform, "administer_every", away)

    told = await scraped(operator)

    assert told["ragleap_inbox_pending", "session"] == 2
    assert told[("ragleap_inbox_oldest_seconds",)] == 3.5
    assert told[("ragleap_journal_readable",)] == 1


async def test_a_quarantined_tenant_is_named_and_of_many_a_few(
    operator: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.cells = {"cell-0": {**QUIET, "quarantined": {f"t{n:03}": "toy keeps crashing" for n in range(100)}}}

    told = await scraped(operator)

    assert told["ragleap_tenants_quarantined", "cell-0"] == 100
    assert told["ragleap_tenant_quarantined", "cell-0", "t000"] == 1
    assert sum(name == "ragleap_tenant_quarantined" for name, *_ in told) == 20
