"""The judge's own proof: whatever may go wrong with an accepted question is found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos import judge
from chaos.patient_client import Asked
from sqlalchemy import create_engine, text
from stack_stores import JournalLook

TENANT = "t"
ASKED = [
    Asked(session_id="s", text=f"question {n}", message_id=f"msg_{n}", answer=f"answer {n}", status="answered")
    for n in range(2)
]


class Told:
    """A journal in which the questions of ``ASKED`` were answered as they should be."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self.look = JournalLook(url)
        for n, asked in enumerate(ASKED):
            self.do(
                "INSERT INTO inbox (tenant_id, message_id, kind, actor_key, sender, tier, body, principal, trace,"
                " accepted_at, deadline, attempts, due_at, state, turn_id, error) VALUES ('t', :m, 'session', 's', 's',"
                " 1, '', '', '', 0, 0, 1, 0, 'done', :turn, '')",
                m=asked.message_id,
                turn=f"turn_{n}",
            )
            self.do(
                "INSERT INTO outbox (tenant_id, outbox_id, conversation_id, channel, turn_id, body, state,"
                " maybe_duplicate, attempts, due_at, provider_id, error, created_at, updated_at)"
                " VALUES ('t', :turn, 'api-s', 'api', :turn, '', 'sent', 0, 0, 0, '', '', 0, 0)",
                turn=f"turn_{n}",
            )
            for author, said in (("customer", asked.text), ("assistant", asked.answer)):
                self.do(
                    "INSERT INTO history (tenant_id, conversation_id, author, text, message_id, turn_id, created_at)"
                    " VALUES ('t', 'api-s', :author, :said, :m, :turn, 0)",
                    author=author,
                    said=said,
                    m=asked.message_id,
                    turn=f"turn_{n}",
                )

    def do(self, statement: str, **values: object) -> None:
        with self._engine.begin() as journal:
            journal.execute(text(statement), values)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def told(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Told]:
    made = Told(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'journal.db')}")
    yield made
    made.close()


def test_what_went_well_is_found_so(told: Told) -> None:
    judge.questions_are_answered_once(told.look, TENANT, ASKED)
    judge.nothing_is_left(told.look)


@pytest.mark.parametrize(
    "wrong",
    [
        "DELETE FROM inbox WHERE message_id = 'msg_1'",
        "UPDATE inbox SET state = 'pending' WHERE message_id = 'msg_1'",
        "UPDATE inbox SET turn_id = 'turn_0' WHERE message_id = 'msg_1'",
        "DELETE FROM outbox WHERE turn_id = 'turn_1'",
        "UPDATE outbox SET state = 'queued' WHERE turn_id = 'turn_1'",
        "DELETE FROM history WHERE message_id = 'msg_1' AND author = 'assistant'",
        "UPDATE history SET text = 'another answer' WHERE message_id = 'msg_1' AND author = 'assistant'",
        "UPDATE history SET turn_id = 'turn_0' WHERE message_id = 'msg_1'",
        "INSERT INTO history (tenant_id, conversation_id, author, text, message_id, turn_id, created_at)"
        " VALUES ('t', 'api-s', 'assistant', 'answer 1', 'msg_2', 'turn_1', 0)",
    ],
)
def test_a_question_that_is_lost_doubled_or_answered_otherwise_is_found(told: Told, wrong: str) -> None:
    told.do(wrong)
    with pytest.raises(AssertionError):
        judge.questions_are_answered_once(told.look, TENANT, ASKED)


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE inbox SET state = 'pending' WHERE message_id = 'msg_1'",
        "INSERT INTO dead_letters (tenant_id, message_id, kind, actor_key, cause, trace, created_at)"
        " VALUES ('t', 'msg_1', 'session', 's', '', '', 0)",
    ],
)
def test_what_waits_or_was_given_up_is_found(told: Told, wrong: str) -> None:
    told.do(wrong)
    with pytest.raises(AssertionError):
        judge.nothing_is_left(told.look)
