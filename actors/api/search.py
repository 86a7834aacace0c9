"""/v1/search: raw evidence, with where it stands and why it was found."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from actors.api.auth import Owner, TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S
from actors.messages import Evidence, Found, Mode, Search
from runtime.address import ActorId
from runtime.ids import new_id

MAX_QUERY = 4_000


class Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    document_ids: list[str] = Field(default_factory=list, max_length=1_000)


class SearchIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    query: str = Field(min_length=1, max_length=MAX_QUERY)
    k: int = Field(default=5, ge=1, le=100)
    mode: Mode = Mode.HYBRID
    rerank: bool = True
    filter: Filter | None = None
    as_of: date | None = None


class Step(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    from_: str = Field(serialization_alias="from")
    relation: str
    to: str


class Span(BaseModel):
    start: int
    end: int


class Result(BaseModel):
    document_id: str
    chunk_id: str
    text: str
    score: float
    rerank: float | None
    source: str
    path: list[Step]
    title: str
    span: Span


class SearchOut(BaseModel):
    results: list[Result]


def router() -> APIRouter:
    api = APIRouter(tags=["search"])

    @api.post("/v1/search")
    async def search(body: SearchIn, door: TheDoor, owner: Owner, trace: TheTrace) -> SearchOut:
        """The best `k` chunks for `query`. `span` counts code points in the document's parsed text."""
        envelope = door.envelope(
            ActorId(owner.tenant, "retrieval"),
            Search(
                query=body.query,
                k=body.k,
                mode=body.mode,
                rerank=body.rerank,
                as_of=body.as_of.isoformat() if body.as_of else None,
                document_ids=tuple(body.filter.document_ids) if body.filter else (),
            ),
            principal=owner,
            trace=trace,
            message_id=new_id("msg"),
            deadline_s=READ_DEADLINE_S,
        )
        found = await door.ask(envelope, Found)
        return SearchOut(results=[_shown(evidence) for evidence in found.results])

    return api


def _shown(evidence: Evidence) -> Result:
    return Result(
        document_id=evidence.document_id,
        chunk_id=evidence.chunk_id,
        text=evidence.text,
        score=evidence.score,
        rerank=evidence.rerank,
        source=evidence.source,
        path=[Step(from_=step.from_name, relation=step.relation, to=step.to_name) for step in evidence.path],
        title=evidence.title,
        span=Span(start=evidence.start, end=evidence.end),
    )
