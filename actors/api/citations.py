"""Which chunks a caller may read: an owner all of the tenant's, a visitor the public ones that its answers cited."""

from __future__ import annotations

from collections.abc import Iterable

from actors.api.door import READ_DEADLINE_S, Door, within
from actors.api.naming import conversation_of
from actors.audience import audience_of
from actors.ports import ChunkRecord, HistoryRecord
from runtime.errors import NotFound
from runtime.principal import Principal, Role

WEB = "web"
_PAGE = 200
_PAGES = 5  # a visitor's last 1,000 lines


async def check_may_read(door: Door, caller: Principal, document_id: str, chunk_id: str) -> None:
    """Raise NotFound unless ``caller`` may read this chunk (that it exists is not told)."""
    if caller.role in (Role.OWNER, Role.STAFF):
        return
    if caller.role is not Role.ANONYMOUS or not await _was_cited(door, caller, document_id, chunk_id):
        raise NotFound(f"There is no chunk {chunk_id[:80]!r}.")


def check_is_for(caller: Principal, chunk: ChunkRecord) -> None:
    """Raise NotFound where the chunk's document is not for ``caller``: it may have become so since it was cited."""
    if not audience_of(caller).reads(chunk.audience):
        raise NotFound(f"There is no chunk {chunk.chunk_id[:80]!r}.")


async def _was_cited(door: Door, caller: Principal, document_id: str, chunk_id: str) -> bool:
    records = door.records_for(caller.tenant)
    before = 0
    for _ in range(_PAGES):
        async with within(READ_DEADLINE_S, "The journal"):
            lines = await records.history(conversation_of(WEB, caller.identity), limit=_PAGE, before_seq=before)
        if cites(lines, document_id, chunk_id):
            return True
        if len(lines) < _PAGE:
            return False
        before = min(line.seq for line in lines)
    return False


def cites(lines: Iterable[HistoryRecord], document_id: str, chunk_id: str) -> bool:
    """Does any answer among ``lines`` cite this chunk?"""
    for line in lines:
        cited = (line.answer or {}).get("citations")
        for citation in cited if isinstance(cited, list | tuple) else ():
            if citation.get("document_id") == document_id and citation.get("chunk_id") == chunk_id:
                return True
    return False
