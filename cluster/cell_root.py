"""The composition root of a cell: builds its stores, models, actors and services from the settings, in its process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from actors.addresses import networks
from actors.changes import Changes
from actors.channels.accounts import Accounts
from actors.channels.actor import ChannelsActor
from actors.channels.calls import Calls
from actors.channels.connect import Connect
from actors.channels.mail.mailboxes import Mailboxes
from actors.channels.mail.outlet import CALL_S as MAIL_CALL_S
from actors.channels.mail.outlet import MailOutlet
from actors.channels.telegram.outlet import TelegramOutlet
from actors.channels.whatsapp.outlet import WhatsAppOutlet
from actors.compose.gate import GateSettings
from actors.composer import Composer
from actors.database.actor import DatabaseActor
from actors.database.kept import KeptDatabases
from actors.deliveries import DeliveriesActor, ToldDeliveries
from actors.documents import DocumentsActor
from actors.drafts import DraftsActor
from actors.jobs import Jobs
from actors.library import JournalLibrary
from actors.messages import Hear, Note, PersonSays, ReadSchema, Say
from actors.owners import OwnersActor, RegisteredOwners
from actors.ports import Library
from actors.records import JournalRecords
from actors.retrieval.actor import RetrievalActor
from actors.retrieval.search import HybridSearch
from actors.retrieval.set_question import SetQuestions
from actors.retrieval.set_question.judge import Judge
from actors.session import SessionActor
from actors.tenancy import Tenancy
from cluster.adapters import Adapters, adapters
from cluster.cell_commands import CellCommands
from cluster.ingest_root import wake_worker
from cluster.model_handles import language_model, remote_models
from runtime import telemetry
from runtime.actor import ActorContext, Kind, RetryPolicy
from runtime.admission import Admission, SystemMemory
from runtime.cell import Cell
from runtime.cell_host import NAMESPACE, Hosted, end_process, start_cell
from runtime.cell_link import CellLink
from runtime.channel import Outlet
from runtime.clock import SystemClock
from runtime.codec import Codec
from runtime.config import Settings
from runtime.dead_letters import DeadLetters
from runtime.errors import Invalid, RagleapError, Unavailable
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.message import Envelope, Receipt
from runtime.sealing import Sealer, keys_in
from runtime.store import jobs, outbox
from runtime.store.database import prepare
from runtime.store.wall import ACROSS_TENANTS

# A person waits for a session's answer: try again soon, and for as long as a store may take to restart (two minutes).
SESSION_RETRY = RetryPolicy(tries=8, first_s=1.0)
# A provider may be away for long: the tries go on for some five hours, within the message's own day.
CHANNEL_RETRY = RetryPolicy(tries=12, first_s=5.0)
DAY_S = 86_400.0
MIB = 1024 * 1024
_START_S = 90.0
# Three quarters of an hour: stores restart, a busy machine calms down, somebody frees the disk.
JOB_RETRY = RetryPolicy(tries=10, first_s=5.0)


def start(name: str) -> Any:
    """The handle of the cell of that name, made if there is none. Ray must be connected."""
    return start_cell(name, build)


async def build(name: str) -> Hosted:
    """Everything that runs inside the cell's process."""
    settings = Settings.from_environment(os.environ)
    telemetry.configure(settings.log_level)
    await asyncio.to_thread(prepare, settings.database_url)
    outside = adapters(settings)
    await outside.graph.prepare()
    return _Root(name, settings, Journal(settings.database_url), outside).hosted()


class _Root:
    """The parts of one cell and how they hold one another."""

    def __init__(self, name: str, settings: Settings, journal: Journal, outside: Adapters) -> None:
        self.settings = settings
        self.journal = journal
        self.outside = outside
        self.clock = SystemClock()
        self.random = random.SystemRandom()
        self.changes = Changes()
        self.models = remote_models()
        self.judge = Judge(self.models)  # one for all tenants: what it has learnt is the same for each
        self.language_model = language_model(settings)
        self.calls = Calls()
        sealer = Sealer(keys_in(settings.sealing_keys))
        self.accounts = Accounts(journal, sealer)
        self.databases = KeptDatabases(
            journal, sealer, networks=settings.database_networks, files=settings.database_files
        )
        self.allowed = networks(settings.egress_allowed, "RAGLEAP_EGRESS_ALLOWED")
        self.libraries: dict[str, JournalLibrary] = {}
        self.cell = Cell(
            name,
            kinds=self._kinds(),
            journal=journal,
            codec=Codec([Say, Hear, Note, PersonSays, ReadSchema]),
            clock=self.clock,
            random=self.random,
            limits=Limits(
                mailbox_capacity=settings.mailbox_capacity,
                read_only_concurrency=settings.read_only_concurrency,
                message_retention_s=settings.message_retention_days * DAY_S,
                dead_letter_retention_s=settings.dead_letter_retention_days * DAY_S,
            ),
            left=self._left,
            admission=Admission(SystemMemory(), self.clock, own_limit=settings.cell_memory_mb * MIB),
            give_up=end_process,
            outlets=self._outlets(),
        )
        self.dead_letters = DeadLetters(journal, self.cell.replay)
        self.jobs = Jobs(
            journal,
            lease_of=self._lease_of,
            changes=self.changes,
            clock=self.clock,
            random=self.random,
            retry=JOB_RETRY,
            wake_worker=partial(wake_worker, name),
            serves=self.cell.serves,
        )
        self.mailboxes = Mailboxes(
            journal,
            self.accounts,
            take=self._take,
            serves=self.cell.serves,
            clock=self.clock,
            allowed=self.allowed,
            message_ttl_s=settings.message_ttl_s,
            known_s=settings.message_retention_days * DAY_S,
        )
        self.tenancy = Tenancy(
            journal,
            clock=self.clock,
            secret=settings.session_secret.encode(),
            drop_actors=self._forget,
            require_served=self.cell.require_served,
            vectors_for=outside.vectors.bound,
            graph_for=outside.graph.bound,
            blobs_for=outside.blobs,
        )

        self.cell_commands = CellCommands(
            name,
            journal,
            self.clock,
            several=not settings.database_url.startswith("sqlite"),
            start=_start_ready,
            end=_end,
        )

    def hosted(self) -> Hosted:
        return Hosted(
            cell=self.cell,
            services={"jobs": self.jobs},
            commands={
                "tenant.create": self._create,
                "tenant.list": self._list,
                "tenant.delete": self._delete,
                "key.mint": self._mint,
                "dead-letters.list": self._dead_letters,
                "dead-letters.show": self._dead_letter,
                "dead-letters.replay": self._replay,
                "status": self._status,
                **self.cell_commands.commands(),
            },
            background=(self.jobs.keep_worked, self.tenancy.finish_deletions, self.mailboxes.keep_read),
            close=(self.calls.close, self.outside.close, self._close_journal),
        )

    def library(self, tenant: str) -> Library:
        """One per tenant, shared by its actors: the caches in it are worth keeping."""
        if tenant not in self.libraries:
            self.libraries[tenant] = JournalLibrary(tenant, self.journal, lambda: self.changes.generation(tenant))
        return self.libraries[tenant]

    # ------------------------------------------------------------------ actors

    def _kinds(self) -> Mapping[str, Kind]:
        return {
            "retrieval": Kind(actor=RetrievalActor, make=self._retrieval, turn_limit_s=30.0),
            "session": Kind(actor=SessionActor, make=self._session, retry=SESSION_RETRY, turn_limit_s=60.0),
            "channels": Kind(actor=ChannelsActor, make=self._channels, turn_limit_s=40.0),
            "database": Kind(actor=DatabaseActor, make=partial(DatabaseActor, kept=self.databases), turn_limit_s=50.0),
            "deliveries": Kind(actor=DeliveriesActor),
            "owners": Kind(actor=OwnersActor, make=self._owners),
            "drafts": Kind(actor=DraftsActor, make=partial(DraftsActor, journal=self.journal), turn_limit_s=30.0),
            "documents": Kind(actor=DocumentsActor, make=self._documents, turn_limit_s=30.0),
        }

    def _retrieval(self, context: ActorContext) -> RetrievalActor:
        tenant, models = context.tenant, self.models
        vectors, graph = self.outside.vectors.bound(tenant), self.outside.graph.bound(tenant)
        library = self.library(tenant)
        return RetrievalActor(
            context,
            search=HybridSearch(vectors, graph, models, models, library, clock=self.clock).search,
            ask_set=SetQuestions(graph, vectors, library, models, models, self.clock, judge=self.judge).answer,
        )

    def _session(self, context: ActorContext) -> SessionActor:
        return SessionActor(
            context,
            composer_for=lambda search, ask_set: Composer(
                search,
                ask_set,
                self.models,
                self.language_model,
                GateSettings(chance=self.settings.gate_chance, logit=self.settings.gate_logit),
                matcher=self.models,
            ),
            records=JournalRecords(context.tenant, self.journal),
        )

    def _channels(self, context: ActorContext) -> ChannelsActor:
        connect = Connect(
            self.calls,
            telegram_url=self.settings.telegram_url,
            whatsapp_url=self.settings.whatsapp_url,
            allowed=self.allowed,
        )
        return ChannelsActor(context, accounts=self.accounts, connect=connect)

    def _owners(self, context: ActorContext) -> OwnersActor:
        return OwnersActor(context, owners=RegisteredOwners(self.journal))

    def _outlets(self) -> Mapping[str, Outlet]:
        telegram = TelegramOutlet(self.accounts, self.calls, self.settings.telegram_url)
        whatsapp = WhatsAppOutlet(self.accounts, self.calls, self.settings.whatsapp_url, ToldDeliveries(self.journal))
        mail = MailOutlet(self.accounts, self.clock, self.allowed)
        return {
            "email": Outlet(channel=mail, retry=CHANNEL_RETRY, call_s=MAIL_CALL_S, concurrency=4),
            "telegram": Outlet(channel=telegram, retry=CHANNEL_RETRY),
            "whatsapp": Outlet(channel=whatsapp, retry=CHANNEL_RETRY),
        }

    def _documents(self, context: ActorContext) -> DocumentsActor:
        return DocumentsActor(context, journal=self.journal, changes=self.changes, queued=self.jobs.queued)

    # ------------------------------------------------------------------ operator's commands

    async def _create(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await self.tenancy.create(_text(arguments, "name"), idempotency_key=_text(arguments, "idempotency_key"))

    async def _list(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await self.tenancy.every()

    async def _delete(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await self.tenancy.delete(_text(arguments, "tenant"))

    async def _mint(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        ttl = arguments.get("ttl_s")
        if not isinstance(ttl, int | float) or ttl <= 0:
            raise Invalid("ttl_s must be a positive number of seconds.")
        return await self.tenancy.mint(
            _text(arguments, "tenant"), float(ttl), idempotency_key=_text(arguments, "idempotency_key")
        )

    async def _dead_letters(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        limit, before = _number(arguments, "limit"), _number(arguments, "before")
        return await self.dead_letters.list(_text(arguments, "tenant"), limit=limit, before=before)

    async def _dead_letter(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await self.dead_letters.show(_text(arguments, "tenant"), _text(arguments, "id"))

    async def _replay(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await self.dead_letters.replay(_text(arguments, "tenant"), _text(arguments, "id"))

    async def _status(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        waiting, _ = await self.journal.read(partial(jobs.waiting, serves=self.cell.serves), tenant=ACROSS_TENANTS)
        sending = await self.journal.read(partial(outbox.counts, serves=self.cell.serves), tenant=ACROSS_TENANTS)
        return {**self.cell.status(), "pid": os.getpid(), "outbox": sending, "jobs_waiting": waiting}

    # ------------------------------------------------------------------ inside

    async def _take(
        self, tenant: str, envelopes: list[Envelope], beside: Callable[[Connection], None]
    ) -> list[Receipt]:
        return await (await self.cell.tenant(tenant)).accept(envelopes, beside)

    async def _lease_of(self, tenant: str) -> Lease:
        return (await self.cell.tenant(tenant)).lease

    async def _forget(self, tenant: str) -> None:
        await self.cell.drop(tenant)
        self._left(tenant)

    def _left(self, tenant: str) -> None:
        self.libraries.pop(tenant, None)

    async def _close_journal(self) -> None:
        await asyncio.to_thread(self.journal.close)


async def _start_ready(name: str) -> None:
    """Start the process of a cell and wait until it serves. Raises what keeps it from serving."""
    async with asyncio.timeout(_START_S):
        outcome = await start(name).ready.remote()
    if isinstance(outcome, RagleapError):
        raise outcome


async def _end(name: str) -> None:
    """Drain the cell's process and end it for good; one that is away already is just not started again."""
    import ray

    link = CellLink(name)
    with contextlib.suppress(Unavailable):
        await link.once("administer", "drain", {})
    with contextlib.suppress(ValueError):
        ray.kill(await asyncio.to_thread(ray.get_actor, name, NAMESPACE), no_restart=True)


def _text(arguments: Mapping[str, object], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise Invalid(f"{name} is missing.")
    return value


def _number(arguments: Mapping[str, object], name: str) -> int:
    value = arguments.get(name)
    if not isinstance(value, int):
        raise Invalid(f"{name} is missing.")
    return value
