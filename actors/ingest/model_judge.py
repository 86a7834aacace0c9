"""A language model asked whether two names mean one thing, with a passage about each (``resolve.Judge``).

Promises: one bounded call a document; an answer that is missing, unclear or "no" keeps the two apart.

Held by tests/integration/test_model_reading.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from actors.ingest.asked import ask_json, listed, record
from actors.ingest.same import Named
from actors.ports import LanguageModel, VectorStore

_CALL_S = 30.0
_ABOUT = 300  # characters around the name
_SYSTEM = """You are given pairs of names from a business's files, each with its kind and the passage it stands in. Say
of each pair, by its number, whether both names mean the same person or thing (one of them misspelled or written
otherwise). Different people may have the same family name and similar first names; different products may differ in
one letter or number. Say true only where the passages make it clear; in doubt say false."""
_SCHEMA: Final = record(
    {
        "pairs": {
            "type": "array",
            "items": record({"number": {"type": "integer"}, "same": {"type": "boolean"}}),
        }
    }
)


class ModelJudge:
    """``vectors`` hold the passages of the tenant whose names are judged."""

    def __init__(self, model: LanguageModel, vectors: VectorStore, *, call_s: float = _CALL_S) -> None:
        self._model = model
        self._vectors = vectors
        self._call_s = call_s

    async def same(self, pairs: Sequence[tuple[Named, Named]]) -> list[bool]:
        ids = dict.fromkeys(each.support.chunk_id for pair in pairs for each in pair)
        texts = {hit.chunk_id: hit.text for hit in await self._vectors.fetch(list(ids))}
        told = [
            {"number": number, **{side: _shown(each, texts) for side, each in zip(("one", "other"), pair, strict=True)}}
            for number, pair in enumerate(pairs, start=1)
        ]
        answer = await ask_json(
            self._model,
            system=_SYSTEM,
            said={"pairs": told},
            schema=_SCHEMA,
            max_tokens=60 + 20 * len(pairs),
            deadline_s=self._call_s,
        )
        said = {each.get("number"): each.get("same") for each in listed(answer, "pairs", len(pairs))}
        return [said.get(number) is True for number in range(1, len(pairs) + 1)]


def _shown(each: Named, texts: dict[str, str]) -> dict[str, Any]:
    text = texts.get(each.support.chunk_id, "")
    at = max(0, text.find(each.name) - _ABOUT // 2)
    return {"name": each.name, "kind": each.type, "passage": text[at : at + _ABOUT]}
