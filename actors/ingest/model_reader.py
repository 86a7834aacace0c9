"""Entities and relations that a language model reads in running text, by a JSON schema.

Promises: bounded in passages, seconds and rows; only names that stand in the passage are taken, only under types that
the graph has, and a relation only between two of them; a model that fails adds nothing and stops nothing.

Held by tests/integration/test_model_reading.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

from actors.aliases import MAY_BE, SAME_AS
from actors.ingest.asked import ask_json, listed, record
from actors.ingest.chunk import Chunk
from actors.ingest.extract import ABOUT, TOGETHER, Extraction, tidy
from actors.ingest.rows import NAMED
from actors.names import name_id
from actors.ports import GraphEntity, GraphRelation, LanguageModel, Support

TYPES: Final = ("person", "organisation", "place", "product", "event", "work")
_ENTITIES, _RELATIONS = 24, 24  # of one passage
_CALL_S = 30.0
_DOCUMENT_S = 120.0
_FAILURES = 3  # after another, after which the model is left alone for this document
_MAX_TOKENS = 900
_RESERVED = frozenset({SAME_AS, MAY_BE, NAMED, ABOUT, TOGETHER})
_SYSTEM = """You read one passage of a business's file and list what it says for a knowledge graph.
- entities: people, organisations, places, products, events and titled works that the passage names, each name copied
  exactly as it is written there.
- relations: what the passage itself says between two of these entities; "relation" is a verb phrase of one to three
  lower-case words ("works for", "is in", "supplies"). Leave out what is only likely."""
_SCHEMA: Final = record(
    {
        "entities": {
            "type": "array",
            "maxItems": _ENTITIES,
            "items": record({"name": {"type": "string"}, "type": {"type": "string", "enum": list(TYPES)}}),
        },
        "relations": {
            "type": "array",
            "maxItems": _RELATIONS,
            "items": record({"from": {"type": "string"}, "relation": {"type": "string"}, "to": {"type": "string"}}),
        },
    }
)


class ModelReader:
    """Asks ``model`` about the first ``passages`` of a document, ``parallel`` at once."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        passages: int = 32,
        parallel: int = 2,
        call_s: float = _CALL_S,
        document_s: float = _DOCUMENT_S,
    ) -> None:
        self._model = model
        self._passages = passages
        self._parallel = parallel
        self._call_s = call_s
        self._document_s = document_s

    async def read(self, chunks: Sequence[Chunk], *, document_id: str, version: int) -> Extraction:
        """What the model reads in time; what it has not come to is left out."""
        found: dict[str, Extraction] = {}
        waiting = list(reversed(chunks[: self._passages]))
        failed = 0

        async def work() -> None:
            nonlocal failed
            while waiting and failed < _FAILURES:
                chunk = waiting.pop()
                answer = await self._asked(chunk)
                failed = failed + 1 if answer is None else 0
                support = Support(document_id=document_id, version=version, chunk_id=chunk.chunk_id)
                found[chunk.chunk_id] = checked(answer, chunk.text, support)

        try:
            async with asyncio.timeout(self._document_s), asyncio.TaskGroup() as group:
                for _ in range(self._parallel):
                    group.create_task(work())
        except TimeoutError:
            pass
        read = [found[chunk.chunk_id] for chunk in chunks if chunk.chunk_id in found]
        return Extraction(
            entities=[entity for each in read for entity in each.entities],
            relations=[relation for each in read for relation in each.relations],
        )

    async def _asked(self, chunk: Chunk) -> dict[str, Any] | None:
        return await ask_json(
            self._model,
            system=_SYSTEM,
            said={"title": chunk.context, "passage": chunk.text},
            schema=_SCHEMA,
            max_tokens=_MAX_TOKENS,
            deadline_s=self._call_s,
        )


def checked(answer: dict[str, Any] | None, text: str, support: Support) -> Extraction:
    """What of an answer the passage bears out. Pure."""
    stands = " ".join(text.split()).casefold()
    entities: dict[str, GraphEntity] = {}
    for each in listed(answer, "entities", _ENTITIES):
        name = tidy(str(each.get("name", "")))
        if name and name.casefold() in stands and each.get("type") in TYPES:
            made = GraphEntity(entity_id=name_id(name), type=str(each["type"]), name=name, support=support)
            entities.setdefault(made.entity_id, made)
    relations: dict[tuple[str, str, str], GraphRelation] = {}
    for each in listed(answer, "relations", _RELATIONS):
        ends = [name_id(tidy(str(each.get(end, "")))) for end in ("from", "to")]
        told = re.sub(r"[^a-z0-9]+", "_", str(each.get("relation", "")).casefold()).strip("_")
        if all(end in entities for end in ends) and ends[0] != ends[1] and _is_relation(told):
            edge = GraphRelation(from_id=ends[0], type=told, to_id=ends[1], support=support)
            relations.setdefault((edge.from_id, edge.type, edge.to_id), edge)
    return Extraction(entities=list(entities.values()), relations=list(relations.values()))


def _is_relation(told: str) -> bool:
    return (
        told not in _RESERVED
        and re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+){0,4}", told) is not None
        and len(told) <= 40
    )
