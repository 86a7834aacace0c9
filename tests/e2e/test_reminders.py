"""The assistant works by itself: reminders come in their conversation, and what fails would be seen by its operator."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from running_stack import RunningStack, TenantAccess, as_json
from tenant_client import TenantClient

SOON_S = 60.0


async def lines(tenant: TenantClient, session: str, number: int) -> list[dict[str, Any]]:
    """The conversation's lines, once there are so many."""
    async with asyncio.timeout(SOON_S):
        while True:
            answer = await tenant.http.get(f"/v1/conversations/api-{session}")
            if answer.status_code == 200 and len(answer.json()["messages"]) >= number:
                found: list[dict[str, Any]] = answer.json()["messages"]
                return found
            await asyncio.sleep(0.5)


async def test_a_note_is_said_at_its_time_and_a_question_is_answered_by_the_clock(tenant: TenantClient) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    note = {"name": "supplier", "message": "Call the supplier.", "kind": "note", "at": at, "session_id": "notes"}
    often = {"name": "often", "message": "What is new?", "cron": "*/5 * * * * *", "timezone": "Europe/Berlin"}
    for reminder in (note, often):
        made = await tenant.http.post("/v1/reminders", json=reminder)
        assert made.status_code == 201, made.text

    [said] = await lines(tenant, "notes", 1)
    assert (said["author"], said["text"]) == ("assistant", "Call the supplier.")
    assert datetime.fromisoformat(said["created_at"]) >= datetime.fromisoformat(at) - timedelta(seconds=1)
    asked, answered, *_ = await lines(tenant, "reminders", 4)
    assert (asked["author"], asked["text"], answered["author"]) == ("customer", "What is new?", "assistant")

    [left] = (await tenant.http.get("/v1/reminders")).json()["reminders"]  # the note is over
    assert left["name"] == "often"
    assert (await tenant.http.delete("/v1/reminders/often")).status_code == 200
    assert (await tenant.http.get("/v1/reminders")).json() == {"reminders": []}


def test_the_operator_sees_that_nothing_has_died(stack: RunningStack, access: TenantAccess) -> None:
    assert as_json(stack.ragleap("dead-letters", "list", "--tenant", access.tenant, "--json"))["dead_letters"] == []
    assert "No dead letters." in stack.ragleap("dead-letters", "list", "--tenant", access.tenant).stdout
    done = stack.ragleap("dead-letters", "replay", "msg_nobody_knows")
    assert (done.returncode, "no dead letter" in done.stderr) == (1, True)
    assert isinstance(as_json(stack.ragleap("status", "--json"))["journal"]["dead_letters"], int)
