"""Reminders through the door."""

from __future__ import annotations

import httpx
from stand_ins.door import StandInPlatform
from stand_ins.tenant import Tenant

from actors.messages import Remind, Reminding

WEEKLY = {"name": "weekly", "message": "What sold best?", "cron": "0 9 * * MON", "timezone": "Europe/Berlin"}


async def test_a_reminder_is_set_listed_and_cancelled_by_its_name(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    made = await owner.post("/v1/reminders", json=WEEKLY)
    assert made.status_code == 201
    remind = platform.seen[-1].body
    assert isinstance(remind, Remind)
    assert (remind.conversation_id, remind.kind) == ("api-reminders", Reminding.QUESTION)

    [listed] = (await owner.get("/v1/reminders")).json()["reminders"]
    assert listed["reminder_id"] == made.json()["reminder_id"]
    assert {name: listed[name] for name in WEEKLY} == WEEKLY
    assert listed["session_id"] == "reminders"

    assert (await owner.delete("/v1/reminders/weekly", params={"session_id": "another"})).status_code == 404
    assert (await owner.delete("/v1/reminders/weekly")).json()["cancelled"] is True
    assert (await owner.get("/v1/reminders")).json() == {"reminders": []}


async def test_a_time_needs_a_zone_and_must_not_have_passed(owner: httpx.AsyncClient) -> None:
    about = {"name": "once", "message": "Call the supplier.", "kind": "note"}
    for at in ("2020-01-01T09:00:00Z", "2099-01-01T09:00:00"):
        assert (await owner.post("/v1/reminders", json={**about, "at": at})).status_code == 422
    made = await owner.post("/v1/reminders", json={**about, "at": "2099-01-01T09:00:00+01:00"})

    assert made.json()["next_at"] == "2099-01-01T08:00:00.000Z"


async def test_the_same_idempotency_key_is_the_same_reminder(owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first, again = [await owner.post("/v1/reminders", json=WEEKLY, headers=headers) for _ in range(2)]

    assert first.json()["reminder_id"] == again.json()["reminder_id"]


async def test_visitors_and_other_tenants_see_no_reminder(
    owner: httpx.AsyncClient, visitor: httpx.AsyncClient, rival: Tenant, http: httpx.AsyncClient
) -> None:
    await owner.post("/v1/reminders", json=WEEKLY)

    assert (await visitor.get("/v1/reminders")).status_code == 403
    assert (await visitor.post("/v1/reminders", json=WEEKLY)).status_code == 403
    seen = await http.get("/v1/reminders", headers={"Authorization": f"Bearer {rival.key}"})
    assert seen.json() == {"reminders": []}
