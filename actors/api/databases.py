"""/v1/databases: live databases that are read, never written. URLs go in and come out without their passwords.

Every call here is safe to repeat: the same name is the same database, and statements only read.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from actors.api.auth import IdempotencyKey, Owner, TheDoor, TheTrace
from actors.api.door import Door
from actors.messages import (
    AddDatabase,
    AskDatabase,
    DatabaseAnswer,
    DatabaseReady,
    DatabaseRemoved,
    DatabasesKnown,
    ListDatabases,
    QueryDatabase,
    RefreshDatabase,
    RemoveDatabase,
)
from runtime.address import ActorId
from runtime.clock import iso
from runtime.ids import new_id
from runtime.message import Trace
from runtime.principal import Principal

_SCHEMA_S = 50.0  # a database that is slow to tell of itself
_ANSWER_S = 25.0
_MAX_SQL = 20_000
_MAX_QUESTION = 2_000

Value = str | int | float | bool | None
Expected = TypeVar("Expected")
TableName = Annotated[str, Field(min_length=1, max_length=300)]


class DatabaseIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: str = Field(min_length=1, max_length=64)
    url: SecretStr = Field(max_length=2_000, description="postgresql://user:password@host:5432/name, mysql://…, sqlite")
    tables: list[TableName] = Field(default=[], max_length=500, description="`orders`, `customers.city`; none: all")


class DatabaseOut(BaseModel):
    name: str
    dialect: str
    url: str
    tables: list[str]
    left_out: int
    read_at: str | None


class DatabasesOut(BaseModel):
    databases: list[DatabaseOut]


class RemovedOut(BaseModel):
    name: str
    removed: bool = True


class QueryIn(BaseModel):
    sql: str = Field(min_length=1, max_length=_MAX_SQL)


class QuestionIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    question: str = Field(min_length=1, max_length=_MAX_QUESTION)
    as_of: str | None = Field(default=None, max_length=40, description="The date that `this week` is counted from")


class AnswerOut(BaseModel):
    status: Literal["answered", "declined", "refused"]
    sql: str
    columns: list[str]
    rows: list[list[Value]]
    truncated: bool
    answer: str
    reason: str | None = None


def router() -> APIRouter:
    api = APIRouter(tags=["databases"])

    @api.get("/v1/databases")
    async def index(door: TheDoor, owner: Owner, trace: TheTrace) -> DatabasesOut:
        """The tenant's databases by name, and what of each may be read."""
        known = await _ask(door, owner, trace, ListDatabases(), DatabasesKnown)
        return DatabasesOut(databases=[_shown(each) for each in known.databases])

    @api.post("/v1/databases", status_code=201)
    async def create(
        body: DatabaseIn, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> DatabaseOut:
        """Read from a database; it is reached first. The same name again changes where it is."""
        add = AddDatabase(name=body.name, url=body.url.get_secret_value().strip(), tables=tuple(body.tables))
        return _shown(await _ask(door, owner, trace, add, DatabaseReady, deadline_s=_SCHEMA_S))

    @api.delete("/v1/databases/{name}")
    async def remove(name: str, door: TheDoor, owner: Owner, trace: TheTrace) -> RemovedOut:
        """Forget a database. Nothing in it changes."""
        gone = await _ask(door, owner, trace, RemoveDatabase(name=name), DatabaseRemoved)
        return RemovedOut(name=gone.name)

    @api.post("/v1/databases/{name}/refresh")
    async def refresh(
        name: str, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> DatabaseOut:
        """Read the schema anew, now; else it is done every hour."""
        asked = RefreshDatabase(name=name)
        return _shown(await _ask(door, owner, trace, asked, DatabaseReady, deadline_s=_SCHEMA_S))

    @api.post("/v1/databases/{name}/query", response_model_exclude_none=True)
    async def query(
        name: str, body: QueryIn, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> AnswerOut:
        """The rows of one SELECT, or why it may not run."""
        asked = QueryDatabase(name=name, sql=body.sql)
        return _answer(await _ask(door, owner, trace, asked, DatabaseAnswer, deadline_s=_ANSWER_S))

    @api.post("/v1/databases/{name}/ask", response_model_exclude_none=True)
    async def ask(
        name: str, body: QuestionIn, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> AnswerOut:
        """The answer to a question in plain words, and the SQL that gave it."""
        asked = AskDatabase(name=name, question=body.question, as_of=body.as_of)
        return _answer(await _ask(door, owner, trace, asked, DatabaseAnswer, deadline_s=_ANSWER_S))

    return api


async def _ask(
    door: Door,
    owner: Principal,
    trace: Trace,
    body: object,
    expected: type[Expected],
    *,
    deadline_s: float = _ANSWER_S,
) -> Expected:
    to = ActorId(owner.tenant, "database")
    asked = door.envelope(to, body, principal=owner, trace=trace, message_id=new_id("in"), deadline_s=deadline_s)
    return await door.ask(asked, expected)


def _shown(ready: DatabaseReady) -> DatabaseOut:
    return DatabaseOut(
        name=ready.name,
        dialect=ready.dialect,
        url=ready.where,
        tables=list(ready.tables),
        left_out=ready.left_out,
        read_at=None if ready.read_at is None else iso(ready.read_at),
    )


def _answer(answer: DatabaseAnswer) -> AnswerOut:
    told = asdict(answer)
    told["reason"] = answer.reason or None
    return AnswerOut.model_validate(told)
