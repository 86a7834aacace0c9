"""The ``database`` actor: one per tenant, the only one that connects to its live databases.

Promises: owner and staff alone; a database is kept only after it was reached and something of it may be read; what runs
has passed the gate against the schema that was read last; answers of the last seconds are not asked for again; its
connections close when it sleeps. The schema is read anew every hour, and when it is asked for.

Held by tests/integration/database/test_databases_api.py.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from actors.database.answer import Caps, Rows
from actors.database.answering import phrase
from actors.database.answering.counted import counted
from actors.database.facts import DatabaseFacts
from actors.database.gate import Checked, check
from actors.database.kept import KeptDatabases, allowed_of, facts_json, facts_of, family_of, shown, shown_of
from actors.database.planner import Declined, Planner, Vocabulary
from actors.database.reader import Reader, TooCostly
from actors.database.recent import Recent
from actors.database.refusal import Refusal
from actors.database.schema import Schema
from actors.messages import (
    AddDatabase,
    AskDatabase,
    DatabaseAnswer,
    DatabaseReady,
    DatabaseRemoved,
    DatabasesKnown,
    ListDatabases,
    QueryDatabase,
    ReadSchema,
    RefreshDatabase,
    RemoveDatabase,
)
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Invalid, RagleapError
from runtime.principal import Role
from runtime.reminders import CancelReminder, SetReminder
from runtime.schedule import Schedule
from runtime.store.databases import DatabaseRow, DropDatabase, KeepDatabase, KeepFacts

MOST_TABLES = 500  # names in an allow-list
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_CAPS = Caps()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Open:
    """A database that is connected to, as it was kept when that began."""

    row: DatabaseRow
    reader: Reader
    facts: DatabaseFacts
    schema: Schema


class DatabaseActor(Actor):
    def __init__(
        self,
        context: ActorContext,
        *,
        kept: KeptDatabases,
        caps: Caps = _CAPS,
    ) -> None:
        super().__init__(context)
        self._kept = kept
        self._caps = caps
        self._readers: dict[str, tuple[str, Reader]] = {}  # name → sealed URL, reader
        self._planners: dict[str, tuple[DatabaseFacts, Schema, Planner]] = {}  # name → what it was made of, planner
        self._recent = Recent()

    async def passivate(self) -> None:
        readers, self._readers = [reader for _, reader in self._readers.values()], {}
        for reader in readers:
            await asyncio.to_thread(reader.close)

    @handles(AddDatabase)
    async def add(self, turn: Turn, message: AddDatabase) -> DatabaseReady:
        """Raises Invalid, Conflict, and what the database says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        if not _NAME.fullmatch(message.name):
            raise Invalid("This can't be a database's name.", do="Use 1 to 64 letters, digits and . _ -")
        if len(message.tables) > MOST_TABLES:
            raise Invalid(f"At most {MOST_TABLES} tables can be named.")
        tenant = self.context.tenant
        reader = self._kept.reader(tenant, message.url, self._caps)
        try:
            facts = await reader.facts(message.tables)
        finally:
            await asyncio.to_thread(reader.close)
        schema = facts.schema(message.tables)
        _check_named(facts, schema, message.tables)
        turn.effect(
            KeepDatabase(
                name=message.name,
                family=str(reader.family),
                sealed_url=self._kept.sealed(tenant, message.name, message.url),
                allowed=json.dumps(message.tables),
                facts=facts_json(facts),
            )
        )
        hourly = Schedule(cron=f"{zlib.crc32(f'{tenant}/{message.name}'.encode()) % 60} * * * *")
        turn.effect(SetReminder(name=_reminder(message.name), schedule=hourly, body=ReadSchema(name=message.name)))
        return DatabaseReady(
            name=message.name,
            dialect=str(reader.family),
            where=shown(message.url),
            tables=_names(schema),
            left_out=facts.left_out,
            read_at=self.context.clock.now(),
        )

    @handles(RemoveDatabase)
    async def remove(self, turn: Turn, message: RemoveDatabase) -> DatabaseRemoved:
        """Raises NotFound."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        await self._kept.row(self.context.tenant, message.name)
        turn.effect(DropDatabase(name=message.name))
        turn.effect(CancelReminder(name=_reminder(message.name)))
        await self._let_go(message.name)
        return DatabaseRemoved(name=message.name)

    @handles(ListDatabases, read_only=True)
    async def index(self, turn: Turn, message: ListDatabases) -> DatabasesKnown:
        turn.principal.require(Role.OWNER, Role.STAFF)
        return DatabasesKnown(
            databases=tuple(self._ready(row, facts_of(row)) for row in await self._kept.rows(self.context.tenant))
        )

    @handles(RefreshDatabase, read_only=True)
    async def refresh(self, turn: Turn, message: RefreshDatabase) -> DatabaseReady:
        """Raises NotFound, and what the database says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        row = await self._kept.row(self.context.tenant, message.name)
        facts = await self._read(turn, row)
        return self._ready(row, facts, read_at=self.context.clock.now())

    @handles(ReadSchema, read_only=True)
    async def read_schema(self, turn: Turn, message: ReadSchema) -> None:
        """What was read before stays where the database can't be read now: the next hour tries again."""
        try:
            await self._read(turn, await self._kept.row(self.context.tenant, message.name))
        except RagleapError as error:
            log.warning("database.schema_not_read", tenant=self.context.tenant, database=message.name, error=error.kind)

    @handles(QueryDatabase, read_only=True)
    async def query(self, turn: Turn, message: QueryDatabase) -> DatabaseAnswer:
        """Raises NotFound, and what the database says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        return await self._answer(await self._open(turn, message.name), message.sql)

    @handles(AskDatabase, read_only=True)
    async def ask(self, turn: Turn, message: AskDatabase) -> DatabaseAnswer:
        """Raises NotFound, Invalid, and what the database says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        as_of = _day(message.as_of, self.context.clock.now())
        opened = await self._open(turn, message.name)
        plan = await asyncio.to_thread(lambda: self._planner(opened).plan(message.question, as_of=as_of))
        if isinstance(plan, Declined):
            return DatabaseAnswer(status="refused" if plan.refused else "declined", reason=plan.reason)
        return await self._answer(opened, plan.sql, lambda rows: phrase(plan, rows))

    # ------------------------------------------------------------------ inside

    def _planner(self, opened: _Open) -> Planner:
        """Made anew where the schema was read anew, or something else of it may be read."""
        known = self._planners.get(opened.row.name)
        if known is not None and known[:2] == (opened.facts, opened.schema):
            return known[2]
        planner = Planner(Vocabulary(opened.facts, opened.schema), opened.reader.family)
        self._planners[opened.row.name] = (opened.facts, opened.schema, planner)
        return planner

    async def _answer(self, opened: _Open, sql: str, say: Callable[[Rows], str] = counted) -> DatabaseAnswer:
        verdict = check(sql, opened.reader.family, opened.schema, rows=self._caps.rows + 1)
        if isinstance(verdict, Refusal):
            return DatabaseAnswer(status="refused", reason=str(verdict))
        try:
            rows = await self._rows(opened, verdict)
        except TooCostly as error:
            return DatabaseAnswer(status="refused", reason=str(error))
        return DatabaseAnswer(
            status="answered",
            sql=verdict.statement,
            columns=rows.columns,
            rows=rows.rows,
            truncated=rows.truncated,
            answer=say(rows),
        )

    async def _rows(self, opened: _Open, checked: Checked) -> Rows:
        """A row that was changed, or a schema read anew, is another key."""
        key = (opened.row.name, opened.row.sealed_url, opened.row.facts_at, checked.statement)
        found = self._recent.get(key, self.context.clock.monotonic())
        if found is None:
            found = await opened.reader.run(checked)
            self._recent.put(key, found, self.context.clock.monotonic())
        return found

    async def _open(self, turn: Turn, name: str) -> _Open:
        row = await self._kept.row(self.context.tenant, name)
        facts = facts_of(row) or await self._read(turn, row)
        return _Open(row, await self._reader(row), facts, facts.schema(allowed_of(row)))

    async def _read(self, turn: Turn, row: DatabaseRow) -> DatabaseFacts:
        facts = await (await self._reader(row)).facts(allowed_of(row))
        turn.effect(KeepFacts(row=row, facts=facts_json(facts)))
        return facts

    async def _reader(self, row: DatabaseRow) -> Reader:
        """The one that is open, unless it is of another URL."""
        known = self._readers.get(row.name)
        if known is not None and known[0] == row.sealed_url:
            return known[1]
        reader = self._kept.reader(self.context.tenant, self._kept.url(row), self._caps)
        self._readers[row.name] = (row.sealed_url, reader)
        if known is not None:
            await asyncio.to_thread(known[1].close)
        return reader

    async def _let_go(self, name: str) -> None:
        self._planners.pop(name, None)
        known = self._readers.pop(name, None)
        if known is not None:
            await asyncio.to_thread(known[1].close)

    def _ready(self, row: DatabaseRow, facts: DatabaseFacts | None, *, read_at: float | None = None) -> DatabaseReady:
        return DatabaseReady(
            name=row.name,
            dialect=str(family_of(row)),
            where=shown_of(self._kept, row),
            tables=() if facts is None else _names(facts.schema(allowed_of(row))),
            left_out=0 if facts is None else facts.left_out,
            read_at=row.facts_at if read_at is None else read_at,
        )


def _check_named(facts: DatabaseFacts, schema: Schema, allowed: tuple[str, ...]) -> None:
    """Something may be read, and each name of the list is that of something."""
    for each in allowed:
        if not facts.schema((each,)).tables:
            raise Invalid(f"There is no table or column {each[:80]!r} to be read.", do="Check the names.")
    if not schema.tables:
        raise Invalid("There is no table to be read.", do="Give the user of the URL the right to read some.")


def _names(schema: Schema) -> tuple[str, ...]:
    return tuple(f"{table.schema}.{table.name}" if table.schema else table.name for table in schema.tables)


def _reminder(name: str) -> str:
    return f"schema/{name}"


def _day(as_of: str | None, now: float) -> date:
    if as_of is None:
        return datetime.fromtimestamp(now, UTC).date()
    try:
        return date.fromisoformat(as_of[:10])
    except ValueError as error:
        raise Invalid(f"as_of={as_of[:20]!r} is no date.", do="Give one like 2026-05-31.") from error
