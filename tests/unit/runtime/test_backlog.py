"""What is known of pending messages stays true while the inbox is being read."""

from __future__ import annotations

from dataclasses import replace

from runtime.backlog import Backlog
from runtime.store.inbox import InboxRow


def row(message_id: str) -> InboxRow:
    return InboxRow(
        tenant="acme", message_id=message_id, kind="toy", actor_key="main", sender="s", tier=1, dedupe_key=None,
        body="[]", principal="{}", trace="{}", accepted_at=0.0, deadline=900.0,
    )  # fmt: skip


def test_a_message_in_doubt_that_arrives_while_the_inbox_is_read_is_not_taken_for_gone() -> None:
    backlog = Backlog()
    backlog.doubt([row("m")], 0.0)
    backlog.doubts -= 1  # a write has come after it
    backlog.begin(10)
    goes_on = backlog.admit(row("m"))  # committed after the rows were read
    backlog.end(0.0, later=None, heads={}, cut_off=False)

    assert goes_on or backlog.due(0.0)


def test_a_message_in_doubt_that_was_never_committed_holds_nobody_back() -> None:
    backlog = Backlog()
    backlog.doubt([row("m")], 0.0)
    backlog.doubts -= 1  # a write has come after it
    backlog.begin(10)
    backlog.end(0.0, later=None, heads={}, cut_off=False)

    assert not backlog.due(0.0)
    assert backlog.admit(row("n"))


def test_the_inbox_is_read_again_for_a_doubt_that_came_when_its_reading_had_been_prepared() -> None:
    backlog = Backlog()
    backlog.doubt([replace(row("m"), sender="")], 0.0)  # without a sender nobody waits behind it
    backlog.begin(10)
    backlog.end(0.0, later=None, heads={}, cut_off=False)

    assert backlog.due(0.0)


def test_a_message_that_a_reading_has_taken_up_is_not_delivered_again_by_its_senders_call() -> None:
    backlog = Backlog()
    backlog.begin(10)
    assert backlog.takes(row("m"))
    backlog.taken(row("m"))

    assert not backlog.admit(row("m"))
