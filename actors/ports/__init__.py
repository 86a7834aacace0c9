"""What the actors need from outside themselves, as protocols.

Every store port is handed out *bound to one tenant*: no method takes a tenant, so none can be called without one.
Adapters live in ``actors/stores`` and ``actors/models``; only the composition root (``cluster/``) builds them.
Failures: ``Retryable`` when the store or model may answer later, ``Terminal`` when it never will.
"""

from actors.ports.blobs import Blobs
from actors.ports.channels import Inlet, Inlets
from actors.ports.graph import DocumentScope, Filed, GraphEntity, GraphRelation, GraphStore, Hop, Support
from actors.ports.library import Library, LiveDocument
from actors.ports.models import Embedder, LanguageModel, Prompt, Reranker, WordMatch, WordMatcher
from actors.ports.owners import Owners, Registration
from actors.ports.records import (
    ChunkRecord,
    ConversationRecord,
    DeliveryRecord,
    DocumentRecord,
    HistoryRecord,
    JobRecord,
    MessageRecord,
    Records,
    ReminderRecord,
)
from actors.ports.tables import Catalogue, Column, ColumnKind, EntityType, ForeignKey, Join
from actors.ports.values import Scalar, Vector
from actors.ports.vectors import VectorFilter, VectorHit, VectorRow, VectorStore, day_number

__all__ = [
    "Blobs",
    "Catalogue",
    "ChunkRecord",
    "Column",
    "ColumnKind",
    "ConversationRecord",
    "DeliveryRecord",
    "DocumentRecord",
    "DocumentScope",
    "Embedder",
    "EntityType",
    "Filed",
    "ForeignKey",
    "GraphEntity",
    "GraphRelation",
    "GraphStore",
    "HistoryRecord",
    "Hop",
    "Inlet",
    "Inlets",
    "JobRecord",
    "Join",
    "LanguageModel",
    "Library",
    "LiveDocument",
    "MessageRecord",
    "Owners",
    "Prompt",
    "Records",
    "Registration",
    "ReminderRecord",
    "Reranker",
    "Scalar",
    "Support",
    "Vector",
    "VectorFilter",
    "VectorHit",
    "VectorRow",
    "VectorStore",
    "WordMatch",
    "WordMatcher",
    "day_number",
]
