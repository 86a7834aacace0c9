"""The messages that actors and the door exchange: frozen data, no vendor types, JSON-serialisable by pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from actors.audience import Audience
from actors.holder import Holder
from actors.inbound import Attachment, Content, DeliveryTold

MAX_INSTRUCTIONS = 4_000  # characters


class Mode(StrEnum):
    """Which parts of retrieval run."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    KEYWORD = "keyword"
    GRAPH = "graph"


# ---------------------------------------------------------------------------------------------------------- search


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One relation on the way from the question's entity to the evidence."""

    from_name: str
    relation: str
    to_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One chunk that may answer, with where it stands and why it was found.

    ``start``/``end``: code-point offsets into the document's parsed text. ``score`` orders results of one search;
    ``rerank`` is the cross-encoder's logit where it ran.
    """

    document_id: str
    version: int
    chunk_id: str
    title: str
    text: str
    start: int
    end: int
    score: float
    source: Literal["vector", "keyword", "graph"]
    rerank: float | None = None
    focus: tuple[int, int] | None = None  # the window of ``text`` (offsets into it) that the cross-encoder scored
    path: tuple[PathStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Ask of a tenant's ``retrieval`` actor (read-only)."""

    query: str
    k: int = 5
    mode: Mode = Mode.HYBRID
    rerank: bool = True
    as_of: str | None = None  # ISO date
    document_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``missing`` names the parts of the search that failed: what they would have found is not here."""

    results: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------------------- answers


class Status(StrEnum):
    ANSWERED = "answered"
    DECLINED = "declined"
    CLARIFY = "clarify"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """``quote`` stands verbatim in the chunk; ``[n]`` in the answer points here."""

    n: int
    document_id: str
    chunk_id: str
    quote: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: Status
    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSet:
    """Ask of ``retrieval`` (read-only): is this a set question, and if so, what is its complete answer?"""

    question: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One member of a set answer, as data: what the text says in words.

    ``name`` and ``identity`` (e-mail address, order number or other key; "" where unknown) tell which customer or
    other thing it is; ``products`` are all that the question asked to list for it, each once, by their full names;
    ``named`` are those of them that the text judged (the complaint) names itself.
    """

    name: str
    identity: str = ""
    products: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAnswer:
    """The answer to a set question, or ``planned=False`` where the question is none (or fits no plan)."""

    planned: bool
    answer: Answer | None = None
    plan: str = ""  # the SetQuery in readable form
    unsure: tuple[str, ...] = ()
    rows: tuple[SetRow, ...] = ()  # the members that the answer is sure of


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the caller wants answers written. Only a language model can follow it; quoted sentences stay as they are.

    ``instructions`` come from the holder of the tenant's API key; they change the manner, never what may be said.
    """

    instructions: str = ""  # MAX_INSTRUCTIONS of it are followed
    max_tokens: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A person's message to a ``session`` actor (durable)."""

    text: str
    conversation_id: str
    channel: str
    as_of: str | None = None
    customer: Customer | None = None
    context: tuple[tuple[Literal["user", "assistant"], str], ...] | None = None  # given whole by the caller (OpenAI)
    manner: Manner = Manner()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    """What a person has sent over a channel of the tenant's, to a ``session`` actor (durable).

    ``reply_to`` is the address that came with it: the answer goes there, over the same channel, and nowhere else.
    """

    text: str
    conversation_id: str
    channel: str
    channel_id: str
    content: Content
    customer: Customer
    reply_to: Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    held: bool = False  # a person approves the answer before it is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSays:
    """Told to a ``session`` actor (owner and staff, durable): a person of the business writes to the customer."""

    text: str
    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Ask of ``session``: who has the conversation from now on. A customer may only ask for a person, and only in a
    conversation of its own."""

    to: Holder
    conversation_id: str
    channel: str = ""  # of a conversation in which nothing was said yet


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    holder: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Told to a ``session`` actor by itself (durable): the assistant says ``text`` in the conversation as it stands."""

    text: str
    conversation_id: str
    channel: str


class Reminding(StrEnum):
    """What a conversation's reminder does: have a question answered anew, or say a sentence as it stands."""

    QUESTION = "question"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Ask of ``session`` (owner and staff): from now on, say ``message`` in this conversation at its times.

    ``at`` (seconds since the epoch) or ``cron`` in ``timezone``; the same ``name`` again replaces, the same
    ``reminder_id`` again changes nothing.
    """

    name: str
    message: str
    conversation_id: str
    channel: str
    reminder_id: str
    kind: Reminding = Reminding.QUESTION
    at: float | None = None
    cron: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSet:
    reminder_id: str
    next_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRemind:
    """Ask of ``session`` (owner and staff); NotFound where this conversation has no reminder of that name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderCancelled:
    name: str


# ---------------------------------------------------------------------------------------------------------- channels


@dataclass(frozen=True, slots=True, kw_only=True)
class AddChannel:
    """Ask of ``channels`` (owner and staff, exclusive): connect an account at a provider, or change it; the same
    ``name`` is the same channel. ``public_url`` is where the provider reaches this server."""

    kind: str
    name: str
    public_url: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChannel:
    """Ask of ``channels`` (owner and staff): does the provider take our credentials?"""

    channel_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReady:
    """``account``: what the provider calls it. ``todo``: what its owner still has to enter there, by name."""

    channel_id: str
    kind: str
    name: str
    account: str
    webhook_url: str = ""
    todo: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------------------- databases


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDatabase:
    """Ask of ``database`` (owner and staff, exclusive): read from a live database, or change where one is. ``tables``
    ("orders", "sales.orders", "customers.city") are what may be read; none: all."""

    name: str
    url: str = field(repr=False)
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDatabase:
    """Ask of ``database`` (owner and staff, exclusive); NotFound where there is none of that name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRemoved:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDatabases:
    """Ask of ``database`` (owner and staff, read-only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshDatabase:
    """Ask of ``database`` (owner and staff, read-only): read the schema anew, now."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSchema:
    """Told to ``database`` by itself (durable), on a schedule: read the schema anew, if the database is there."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseReady:
    """``where``: its URL without the password. ``tables``: those that may be read; ``left_out``: how many there are
    beyond those that were looked at. ``read_at``: when its schema was read (seconds since the epoch)."""

    name: str
    dialect: str
    where: str
    tables: tuple[str, ...]
    left_out: int
    read_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasesKnown:
    databases: tuple[DatabaseReady, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDatabase:
    """Ask of ``database`` (owner and staff, read-only): the rows of one SELECT."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDatabase:
    """Ask of ``database`` (owner and staff, read-only): the answer to a question in plain words. ``as_of``: the ISO
    date that "this week" is counted from."""

    name: str
    question: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAnswer:
    """``sql`` is what ran; "" where nothing did. ``reason`` says why it was declined or refused."""

    status: Literal["answered", "declined", "refused"]
    sql: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | float | bool | None, ...], ...] = ()
    truncated: bool = False
    answer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDeliveries:
    """Ask of ``deliveries`` (by the door, of what the provider has signed): keep what became of messages of ours."""

    deliveries: tuple[DeliveryTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesKept:
    """``number``: how many of them name messages as we name ours."""

    number: int


# ---------------------------------------------------------------------------------------------------------- owners


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOwner:
    """Ask of ``owners`` (owner, exclusive): from now on who writes as ``identity`` over a channel of that ``kind``
    speaks as the owner, or as ``staff``; the same identity again changes which."""

    kind: str
    identity: str
    staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOwner:
    """Ask of ``owners`` (owner, exclusive): that identity is a customer's again. NotFound where it was none."""

    kind: str
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanged:
    """``identity`` as it is kept; ``role``: owner or staff, "" where it was removed."""

    kind: str
    identity: str
    role: str


# ---------------------------------------------------------------------------------------------------------- drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer that was written and not sent. ``to`` and ``subject`` are the address that it is bound to."""

    draft_id: str
    seq: int
    conversation_id: str
    channel: str
    state: str
    text: str
    to: str
    subject: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDrafts:
    """Ask of ``drafts`` (owner and staff, read-only): those that wait, the oldest first, later than ``after``."""

    limit: int = 100
    after: int = 0  # a draft's ``seq``


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDraft:
    """Ask of ``drafts`` (owner and staff): approve it, discard it, or change its words, which leaves it waiting.
    ``text``, with an approval, are the words that are sent instead."""

    draft_id: str
    decision: Literal["approve", "edit", "discard"]
    text: str = ""


# ---------------------------------------------------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDocument:
    """Ask of ``documents`` (exclusive): a blob has been stored; make it a version and queue its ingestion."""

    document_id: str
    job_id: str
    blob_key: str
    filename: str
    media_type: str
    sha256: str
    size: int
    title: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    audience: Audience | None = None  # None: as was said of the document before, else told by what is in it


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAccepted:
    """``unchanged``: the same file is live already; nothing was queued, and ``job_id`` is done."""

    document_id: str
    job_id: str
    version: int
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDocument:
    """Ask of ``documents`` (exclusive): hide the document now, collect its rows, nodes and blobs after."""

    document_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDeleted:
    document_id: str
    job_id: str
