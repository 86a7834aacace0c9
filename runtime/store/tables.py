"""The durable state's tables. Every table has ``tenant_id`` in its primary or unique key,
but for the three of the installation itself: its cells, their incarnations and what its writers have committed.

Times are seconds since the epoch (float, UTC); bodies are JSON text. ``seq`` columns order rows within the database.

Held by tests/unit/runtime/test_migrations.py.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

_Serial = BigInteger().with_variant(Integer, "sqlite")


def _tenant() -> Column[str]:
    return Column("tenant_id", Text, nullable=False)


tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("embed_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # active, deleting
    Column("created_at", Float, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    _tenant(),
    Column("key_id", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),  # SHA-256 of 256 random bits
    Column("label", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    PrimaryKeyConstraint("tenant_id", "key_id"),
)

cells = Table(
    "cells",
    metadata,
    Column("cell", Text, primary_key=True),
    Column("state", Text, nullable=False),  # serving, leaving
    Column("dedicated", Boolean, nullable=False),  # only for tenants that are pinned to it
    Column("added_at", Float, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("cell", Text, nullable=False),
)

incarnations = Table(
    "incarnations",
    metadata,
    Column("cell", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # how often a process began to be this cell
)

commit_marks = Table(
    "commit_marks",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),  # its newest transaction that was committed
    Column("written_at", Float, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("cell", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    _tenant(),
    Column("message_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor_key", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("dedupe_key", Text),
    Column("body", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("accepted_at", Float, nullable=False),
    Column("deadline", Float, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Float, nullable=False),
    Column("state", Text, nullable=False),  # pending, done, dead
    Column("turn_id", Text),
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("tenant_id", "message_id"),
    UniqueConstraint("tenant_id", "dedupe_key"),
)
_PENDING, _DONE = text("state = 'pending'"), text("state = 'done'")
Index("inbox_pending", inbox.c.tenant_id, inbox.c.due_at, sqlite_where=_PENDING, postgresql_where=_PENDING)
Index("inbox_done", inbox.c.tenant_id, inbox.c.due_at, sqlite_where=_DONE, postgresql_where=_DONE)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    _tenant(),
    Column("outbox_id", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),  # draft, queued, sending, sent, failed, discarded
    Column("maybe_duplicate", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Float, nullable=False),
    Column("provider_id", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("deadline", Float, nullable=False, server_default="0"),
    Column("trace_id", Text, nullable=False, server_default=""),
    Column("delivery", Text, nullable=False, server_default=""),  # JSON: what the provider told of each part
    UniqueConstraint("tenant_id", "outbox_id"),
    UniqueConstraint("tenant_id", "turn_id"),
)
_QUEUED, _SENT, _UNSENT = text("state = 'queued'"), text("state = 'sent'"), text("state IN ('queued', 'sending')")
_OF_OUTBOX = (outbox.c.tenant_id, outbox.c.due_at)
Index("outbox_sent", *_OF_OUTBOX, sqlite_where=_SENT, postgresql_where=_SENT)
Index("outbox_queued", *_OF_OUTBOX, outbox.c.seq, sqlite_where=_QUEUED, postgresql_where=_QUEUED)
_DRAFT = text("state = 'draft'")
Index("outbox_drafts", outbox.c.tenant_id, outbox.c.seq, sqlite_where=_DRAFT, postgresql_where=_DRAFT)
_OF_CONVERSATION = (outbox.c.tenant_id, outbox.c.conversation_id, outbox.c.seq)
Index("outbox_unsent", *_OF_CONVERSATION, sqlite_where=_UNSENT, postgresql_where=_UNSENT)

conversations = Table(
    "conversations",
    metadata,
    _tenant(),
    Column("conversation_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),  # assistant, human, closed
    Column("waiting_since", Float),  # a customer waits for a person
    Column("reply_to", Text, nullable=False, server_default=""),  # JSON: where the customer's last message came from
    Column("customer_id", Text, nullable=False, default=""),
    Column("customer_name", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "conversation_id"),
)
Index("conversations_recent", conversations.c.tenant_id, conversations.c.updated_at)

history = Table(
    "history",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    _tenant(),
    Column("conversation_id", Text, nullable=False),
    Column("author", Text, nullable=False),  # customer, assistant, person
    Column("text", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("answer", Text),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("tenant_id", "message_id", "author"),
)
Index("history_conversation", history.c.tenant_id, history.c.conversation_id, history.c.seq)

channels = Table(
    "channels",
    metadata,
    _tenant(),
    Column("channel_id", Text, nullable=False, unique=True),  # a webhook's address names nothing else
    Column("kind", Text, nullable=False),  # whatsapp, telegram, email
    Column("name", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("secrets", Text, nullable=False),  # sealed (runtime/sealing.py)
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "channel_id"),
    UniqueConstraint("tenant_id", "name"),
)

owners = Table(
    "owners",
    metadata,
    _tenant(),
    Column("kind", Text, nullable=False),  # whatsapp, telegram, email
    Column("identity", Text, nullable=False),  # a phone number's digits, a Telegram id, a mail address
    Column("role", Text, nullable=False),  # owner, staff
    Column("added_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "identity"),
)

documents = Table(
    "documents",
    metadata,
    _tenant(),
    Column("document_id", Text, nullable=False),
    Column("live_version", Integer),
    Column("newest_version", Integer, nullable=False),
    Column("state", Text, nullable=False),  # active, deleting
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "document_id"),
)

document_versions = Table(
    "document_versions",
    metadata,
    _tenant(),
    Column("document_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("blob_key", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, running, live, failed, superseded, collected
    Column("pages", Integer, nullable=False, default=0),
    Column("chunks", Integer, nullable=False, default=0),
    Column("entities", Integer, nullable=False, default=0),
    Column("relations", Integer, nullable=False, default=0),
    Column("parsed_key", Text, nullable=False, default=""),
    Column("occurred_on", Text),
    Column("audience_given", Text, nullable=False, server_default=""),  # public, staff; "": nobody said
    Column("audience_found", Text, nullable=False, server_default=""),  # by what is in it; "": not ingested yet
    Column("error", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "document_id", "version"),
)

chunks = Table(
    "chunks",
    metadata,
    _tenant(),
    Column("document_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("chunk_id", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("page", Integer),
    Column("heading", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "document_id", "version", "ordinal"),
    UniqueConstraint("tenant_id", "chunk_id"),
)

typed_sources = Table(
    "typed_sources",
    metadata,
    _tenant(),
    Column("document_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("role", Text, nullable=False),  # table, join
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "document_id", "version", "role", "ordinal"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    _tenant(),
    Column("job_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # ingest, collect
    Column("document_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),  # queued, running, done, failed
    Column("stage", Text, nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),  # claims that are over, for whatever reason
    Column("failures", Integer, nullable=False, default=0, server_default="0"),  # of them, those whose worker said so
    Column("deaths", Integer, nullable=False, default=0, server_default="0"),  # of them, those whose worker has died
    Column("due_at", Float, nullable=False),
    Column("worker", Text, nullable=False, default=""),
    Column("trace_id", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("tenant_id", "job_id"),
)
Index("jobs_waiting", jobs.c.state, jobs.c.due_at)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    _tenant(),
    Column("message_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor_key", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("replayed_at", Float),
    UniqueConstraint("tenant_id", "message_id"),
)

reminders = Table(
    "reminders",
    metadata,
    _tenant(),
    Column("kind", Text, nullable=False),
    Column("actor_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reminder_id", Text, nullable=False),
    Column("at", Float),  # once, at this time; else by cron
    Column("cron", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("ttl_s", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("fired_at", Float),
    Column("created_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "actor_key", "name"),
    UniqueConstraint("tenant_id", "reminder_id"),
)
Index("reminders_due", reminders.c.tenant_id, reminders.c.due_at)

mail_cursors = Table(
    "mail_cursors",
    metadata,
    _tenant(),
    Column("channel_id", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("validity", BigInteger, nullable=False),  # the folder's UIDVALIDITY
    Column("last_uid", BigInteger, nullable=False),
    Column("came_at", Float, nullable=False),
    Column("counts", Text, nullable=False),  # JSON: what the mails were → how many
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "channel_id", "folder"),
)

databases = Table(
    "databases",
    metadata,
    _tenant(),
    Column("name", Text, nullable=False),
    Column("family", Text, nullable=False),  # postgres, mysql, sqlite
    Column("sealed_url", Text, nullable=False),  # encrypted: it has a password
    Column("allowed", Text, nullable=False),  # JSON: the tables and columns that may be read; []: all
    Column("facts", Text, nullable=False, server_default=""),  # JSON of what was read of its schema; "": not yet
    Column("facts_at", Float),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    PrimaryKeyConstraint("tenant_id", "name"),
)
