"""An in-memory stand-in for the platform behind the door, for tests of the door's own behaviour only.

It keeps what it accepts, dedupes by id and key, and makes an answer event by event; a test may hold it in between,
break a stream, or refuse. Nothing of the platform itself is tested with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, replace

import uvicorn
from fastapi import FastAPI
from stand_ins.tenant import NOW, StandInBlobs, StandInRecords, Tenant, document_of, reminder_of

from actors import ports
from actors.api.app import create_app
from actors.api.door import Door
from actors.api.sessions import SessionTokens
from actors.audience import Audience
from actors.egress import Egress
from actors.messages import (
    CancelRemind,
    Citation,
    DeleteDocument,
    DeliveriesKept,
    DocumentAccepted,
    DocumentDeleted,
    Evidence,
    Found,
    Hear,
    KeepDeliveries,
    PathStep,
    Remind,
    ReminderCancelled,
    ReminderSet,
    Say,
    Search,
    SubmitDocument,
)
from runtime.clock import SystemClock, iso
from runtime.config import Settings
from runtime.errors import Conflict, NotFound, RagleapError, Unavailable
from runtime.message import Envelope, Receipt, StreamEvent, Verdict
from runtime.principal import Principal, Role
from runtime.store.channels import ChannelRow
from runtime.store.figures import Figures

OPERATOR_KEY = "operator-key-of-the-tests"
POLICY = (
    "Delivery takes three working days.\n\n"
    "Parcels that arrive damaged are replaced free of charge within 30 days of delivery. "
    "Send a photograph of the damage to the shop.\n\n"
    "Refunds are paid to the card that was used."
)
_NONE: dict[str, object] = {"buckets": [["+Inf", 0.0]], "sum": 0.0}
QUIET: dict[str, object] = {
    "cell": "cell-0",
    "watching": 0,
    "tenants": [],
    "quarantined": {},
    "kinds": {},
    "counts": {},
    "tenant_restarts": 0,
    "turns_waiting": 0,
    "journal": {"seconds": _NONE, "works": _NONE, "waiting": 0},
    "memory": {},
}
QUOTE = "Parcels that arrive damaged are replaced free of charge within 30 days of delivery."


class StandInOwners:
    """Nobody is registered."""

    async def every(self, tenant: str) -> Sequence[ports.Registration]:
        return []

    async def of_kind(self, tenant: str, kind: str) -> Mapping[str, Role]:
        return {}


class StandInPlatform:
    """Implements ``Cells``; hands out records and blobs. ``seen`` holds every envelope that came through the door."""

    def __init__(self) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.seen: list[Envelope] = []
        self.administered: list[tuple[str, dict[str, object]]] = []
        self.dead: list[dict[str, object]] = []  # dead letters as the cell tells them
        self.refuse: RagleapError | None = None
        self.accounts: dict[tuple[str, str], ports.Inlet] = {}  # by kind and channel id
        self.owners = StandInOwners()
        self.not_ready: dict[str, str] = {}
        self.cells: dict[str, dict[str, object]] = {"cell-0": dict(QUIET)}  # what each tells of itself
        self.open_streams = 0
        self.left = asyncio.Event()  # set when a reader of events has gone
        self.held = asyncio.Event()  # set when an answer has reached ``hold_after``
        self.go_on = asyncio.Event()
        self.hold_after: int | None = None
        self.break_after_seq: int | None = None  # the next stream ends with Unavailable after this seq
        self.reset_with: str | None = None  # what was said before a reset
        self.say_instead: dict[str, object] | None = None  # the answer to every question
        self._changed = asyncio.Condition()
        self._answering: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------------------------------------ Cells

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        if self.refuse:
            raise self.refuse
        return [self._take(envelope) for envelope in envelopes]

    async def ask(self, envelope: Envelope) -> object:
        self.seen.append(envelope)
        if self.refuse:
            raise self.refuse
        tenant = self.tenants[envelope.to.tenant]
        match envelope.body:
            case Search() as search:
                return Found(results=tuple(_evidence(tenant, search)))
            case KeepDeliveries(deliveries=deliveries):
                return DeliveriesKept(number=len(deliveries))
            case SubmitDocument() as submitted:
                return self.store(tenant, submitted)
            case DeleteDocument(document_id=document_id):
                if tenant.documents.pop(document_id, None) is None:
                    raise NotFound(f"There is no document {document_id!r}.")
                return DocumentDeleted(document_id=document_id, job_id="job_delete")
            case Remind() as remind:
                tenant.reminders[envelope.to.key, remind.name] = reminder_of(remind)
                return ReminderSet(reminder_id=remind.reminder_id, next_at=remind.at or envelope.deadline)
            case CancelRemind(name=name):
                if tenant.reminders.pop((envelope.to.key, name), None) is None:
                    raise NotFound(f"There is no reminder {name!r}.")
                return ReminderCancelled(name=name)
        raise TypeError(f"the stand-in does not take a {type(envelope.body).__name__}")

    async def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncIterator[StreamEvent]:
        made = self.tenants[tenant].events[message_id]
        self.open_streams += 1
        try:
            while True:
                for event in [event for event in made if event.seq > after_seq]:
                    after_seq = event.seq
                    yield event
                    if event.event == "done":
                        return
                    if self.break_after_seq == event.seq:
                        self.break_after_seq = None
                        raise Unavailable("The cell is restarting.")
                async with self._changed:
                    while not made or made[-1].seq <= after_seq:
                        await self._changed.wait()
        finally:
            self.open_streams -= 1
            self.left.set()

    async def administer(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        self.administered.append((command, dict(arguments)))
        match command:
            case "tenant.create":
                name = str(arguments["name"])
                if name in self.tenants:
                    raise Conflict(f"There is a tenant {name!r} already.", do="Choose another name.")
                made = self.add_tenant(name)
                return {"tenant": name, "key": made.key, "embed_key": made.embed_key}
            case "tenant.list":
                listed = [{"tenant": name, "embed_key": found.embed_key} for name, found in self.tenants.items()]
                return {"tenants": listed}
            case "tenant.delete":
                if self.tenants.pop(str(arguments["tenant"]), None) is None:
                    raise NotFound("There is no such tenant.")
                return {"removed": {"documents": 0}}
            case "key.mint":
                if arguments["tenant"] not in self.tenants:
                    raise NotFound("There is no such tenant.")
                return {"key": f"short-{arguments['tenant']}", "expires_at": NOW}
            case "dead-letters.list":
                wanted = arguments["tenant"]
                return {"dead_letters": [it for it in self.dead if wanted in ("", it["tenant"])], "next": None}
            case "dead-letters.show" | "dead-letters.replay":
                for letter in self.dead:
                    if letter["id"] == arguments["id"] and arguments["tenant"] in ("", letter["tenant"]):
                        return {**letter, "body": None, "replayed": command.endswith("replay")}
                raise NotFound("There is no such dead letter.")
        raise TypeError(command)

    async def administer_every(
        self, command: str, arguments: Mapping[str, object], *, deadline_s: float = 300.0
    ) -> Mapping[str, Mapping[str, object]]:
        self.administered.append((command, dict(arguments)))
        return self.cells

    async def figures(self) -> Figures:
        return Figures(pending={"session": 2}, oldest_pending_s=3.5, dead_letters=len(self.dead), reminders_due=0)

    # ------------------------------------------------------------------------------------------------ for tests

    def add_tenant(self, name: str) -> Tenant:
        tenant = Tenant(name=name, key=f"key-{name}", embed_key=f"embed-{name}")
        self.tenants[name] = tenant
        return tenant

    def add_policy(self, tenant: Tenant, document_id: str = "policy") -> None:
        """A ready document with one chunk, so that answers have something to cite."""
        submitted = SubmitDocument(
            document_id=document_id,
            job_id=f"job_{document_id}",
            blob_key="",
            filename="policy.md",
            media_type="text/markdown",
            sha256="",
            size=len(POLICY),
            title="Delivery policy",
        )
        self.store(tenant, submitted)
        tenant.documents[document_id] = replace(tenant.documents[document_id], state="ready", chunks=1)
        tenant.blobs["parsed/policy"] = POLICY.encode()
        start = POLICY.index(QUOTE)
        tenant.chunks[document_id, "c1"] = ports.ChunkRecord(
            document_id=document_id,
            chunk_id="c1",
            version=1,
            ordinal=0,
            start=start,
            end=POLICY.index("\n\nRefunds"),
            page=2,
            heading="Damage",
            parsed_key="parsed/policy",
            title="Delivery policy",
            audience=Audience.PUBLIC,
        )

    def store(self, tenant: Tenant, submitted: SubmitDocument) -> DocumentAccepted:
        version = 1
        if submitted.job_id not in tenant.jobs:
            known = tenant.documents.get(submitted.document_id)
            version = known.version + 1 if known else 1
            tenant.jobs[submitted.job_id] = ports.JobRecord(
                job_id=submitted.job_id,
                document_id=submitted.document_id,
                state="queued",
                stage="queued",
                done=0,
                total=0,
                error="",
                created_at=NOW,
                updated_at=NOW,
            )
            tenant.documents[submitted.document_id] = document_of(submitted, version)
        return DocumentAccepted(document_id=submitted.document_id, job_id=submitted.job_id, version=version)

    def records_for(self, tenant: str) -> StandInRecords:
        return StandInRecords(self.tenants[tenant])

    def blobs_for(self, tenant: str) -> StandInBlobs:
        return StandInBlobs(self.tenants[tenant].blobs)

    async def authenticate(self, key: str) -> Principal | None:
        for name, tenant in self.tenants.items():
            if key == tenant.key:
                return Principal(tenant=name, role=Role.OWNER, identity=f"key:{name}", verified_by="api-key")
        return None

    async def embed(self, embed_key: str) -> str | None:
        return next((name for name, tenant in self.tenants.items() if tenant.embed_key == embed_key), None)

    async def rows(self, tenant: str) -> list[ChannelRow]:
        return []

    async def find(self, kind: str, channel_id: str) -> ports.Inlet | None:
        """``Inlets``: the accounts that a test has added."""
        return self.accounts.get((kind, channel_id))

    async def ready(self) -> Mapping[str, str]:
        return self.not_ready

    async def aclose(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------ answering

    def _take(self, envelope: Envelope) -> Receipt:
        self.seen.append(envelope)
        tenant = self.tenants[envelope.to.tenant]
        first = tenant.by_key.get(envelope.dedupe_key or envelope.message_id)
        if first:
            return Receipt(verdict=Verdict.DUPLICATE, message_id=first)
        say = envelope.body
        if isinstance(say, Hear):  # over a channel: nobody watches, and what answers it is not this stand-in's
            tenant.by_key[envelope.dedupe_key or envelope.message_id] = envelope.message_id
            return Receipt(verdict=Verdict.ACCEPTED, message_id=envelope.message_id)
        assert isinstance(say, Say)
        tenant.by_key[envelope.dedupe_key or envelope.message_id] = envelope.message_id
        tenant.messages[envelope.message_id] = ports.MessageRecord(
            message_id=envelope.message_id,
            conversation_id=say.conversation_id,
            state="pending",
            text=say.text,
            answer=None,
            error="",
        )
        tenant.events[envelope.message_id] = []
        task = asyncio.create_task(self._answer(tenant, envelope.message_id, say))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return Receipt(verdict=Verdict.ACCEPTED, message_id=envelope.message_id)

    async def _answer(self, tenant: Tenant, message_id: str, say: Say) -> None:
        answer = self.say_instead or _answer_to(tenant, say)
        plan: list[tuple[str, Mapping[str, object]]] = []
        if self.reset_with is not None:
            plan += [("token", {"text": self.reset_with}), ("reset", {})]
        words = str(answer["answer"]).split(" ")
        plan += [("token", {"text": word if at == 0 else f" {word}"}) for at, word in enumerate(words)]
        plan += [("citation", citation) for citation in answer["citations"]]  # type: ignore[attr-defined]
        for event, data in plan:
            await self._emit(tenant, message_id, event, data)
        self._finish(tenant, message_id, say, answer)
        await self._emit(tenant, message_id, "done", answer)

    async def _emit(self, tenant: Tenant, message_id: str, event: str, data: Mapping[str, object]) -> None:
        made = tenant.events[message_id]
        if self.hold_after is not None and len(made) >= self.hold_after:
            self.held.set()
            await self.go_on.wait()
        async with self._changed:
            made.append(StreamEvent(seq=len(made) + 1, event=event, data=data))
            self._changed.notify_all()
        await asyncio.sleep(0)

    def _finish(self, tenant: Tenant, message_id: str, say: Say, answer: Mapping[str, object]) -> None:
        stored = {"status": answer["status"], "text": answer["answer"], "citations": answer["citations"]}
        tenant.messages[message_id] = replace(tenant.messages[message_id], state="done", answer=stored)
        lines = tenant.history.setdefault(say.conversation_id, [])
        for author, text, given in (("customer", say.text, None), ("assistant", str(answer["answer"]), stored)):
            lines.append(
                ports.HistoryRecord(
                    seq=len(lines) + 1,
                    author=author,
                    text=text,
                    message_id=message_id,
                    answer=given,
                    created_at=NOW,
                )
            )
        tenant.conversations[say.conversation_id] = ports.ConversationRecord(
            conversation_id=say.conversation_id,
            channel=say.channel,
            state="assistant",
            customer_id=say.customer.id if say.customer else "",
            customer_name=say.customer.name if say.customer else "",
            created_at=NOW,
            updated_at=iso(len(tenant.conversations)),
            last_text=str(answer["answer"]),
        )


def door_over(platform: StandInPlatform, settings: Settings) -> Door:
    return Door(
        cells=platform,
        records_for=platform.records_for,
        blobs_for=platform.blobs_for,
        authenticate=platform.authenticate,
        operator=lambda key: key == OPERATOR_KEY,
        embed=platform.embed,
        inlets=platform,
        owners=platform.owners,
        sessions=SessionTokens(hashlib.sha256(b"tests").digest()),
        egress=Egress(allowed=settings.egress_allowed),
        ready=platform.ready,
        figures=platform.figures,
        settings=settings,
        clock=SystemClock(),
    )


@contextlib.asynccontextmanager
async def served(platform: StandInPlatform, settings: Settings) -> AsyncIterator[str]:
    """The application over ``platform`` on a free port of loopback; yields its base URL."""
    async with listening(create_app(door_over(platform, settings))) as url:
        yield url
    await platform.aclose()


@contextlib.asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _evidence(tenant: Tenant, search: Search) -> list[Evidence]:
    found = []
    for document_id, chunk_id in list(tenant.chunks)[: search.k]:
        chunk = tenant.chunks[document_id, chunk_id]
        found.append(
            Evidence(
                document_id=document_id,
                version=1,
                chunk_id=chunk_id,
                title=chunk.title,
                text=tenant.blobs[chunk.parsed_key].decode()[chunk.start : chunk.end],
                start=chunk.start,
                end=chunk.end,
                score=0.5,
                source="graph",
                path=(PathStep(from_name="parcel", relation="covered by", to_name="policy"),),
            )
        )
    return found


def _answer_to(tenant: Tenant, say: Say) -> dict[str, object]:
    if ("policy", "c1") not in tenant.chunks or "damaged" not in say.text:
        return {"status": "declined", "answer": "I found nothing about that in the documents.", "citations": []}
    citation = Citation(n=1, document_id="policy", chunk_id="c1", quote=QUOTE, title="Delivery policy")
    return {"status": "answered", "answer": f"{QUOTE} [1]", "citations": [asdict(citation)]}
