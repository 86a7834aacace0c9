"""/v1/documents: upload, list, read, delete, and the text around a citation."""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from actors.api import citations, limits
from actors.api.auth import Caller, IdempotencyKey, Owner, TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S, WRITE_DEADLINE_S, Door, within
from actors.api.naming import check_name, chosen_id
from actors.audience import Audience
from actors.messages import DeleteDocument, DocumentAccepted, DocumentDeleted, SubmitDocument
from actors.ports import DocumentRecord
from runtime.address import ActorId
from runtime.errors import Invalid, Overloaded, Terminal
from runtime.ids import new_id
from runtime.message import Tier

_PARALLEL_UPLOADS = 2  # uploads held in memory at once, each up to the upload limit
_UPLOAD_WAIT_S = 20.0
_FETCH_S = 20.0  # for what is at a URL, all in all
_MAX_TITLE = 500
_MAX_METADATA = 50
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".eml": "message/rfc822",
    ".txt": "text/plain",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "url": {
                            "type": "string",
                            "format": "uri",
                            "description": "In place of `file`: a page or file that anybody may open, fetched now.",
                        },
                        "document_id": {"type": "string", "description": "The same id again replaces the document."},
                        "title": {"type": "string"},
                        "metadata": {"type": "string", "description": "A JSON object of strings."},
                        "audience": {
                            "type": "string",
                            "enum": [each.value for each in Audience],
                            "description": "`staff`: customers and visitors are never given text of it. Where it is "
                            "left out: as was said of the document before, else mails and tables that hold people or "
                            "refer to them are for staff, everything else is public.",
                        },
                    },
                }
            }
        },
    }
}


class DocumentOut(BaseModel):
    document_id: str
    title: str
    filename: str
    media_type: str
    size: int
    state: str
    version: int
    pages: int
    chunks: int
    entities: int
    error: str
    created_at: str
    updated_at: str
    metadata: dict[str, str]
    audience: Audience | None = Field(description="Null until it is ingested, where nobody said.")


class DocumentsOut(BaseModel):
    documents: list[DocumentOut]
    next: str | None = None


class AcceptedOut(BaseModel):
    document_id: str
    job_id: str


class ChunkOut(BaseModel):
    document_id: str
    chunk_id: str
    title: str
    heading: str
    page: int | None
    before: str
    text: str
    after: str
    span: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """``file`` or ``url``."""

    file: UploadFile | None
    url: str
    document_id: str
    title: str
    metadata: dict[str, str]
    audience: Audience | None


def router() -> APIRouter:
    api = APIRouter(tags=["documents"])
    places = asyncio.Semaphore(_PARALLEL_UPLOADS)

    @api.post("/v1/documents", status_code=202, openapi_extra=_FORM)
    async def submit(
        request: Request, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> AcceptedOut:
        """Take a file in, or what is at a URL. Follow `/v1/jobs/{job_id}`. The same `document_id` again replaces; the
        same file again, with nothing new said of it, changes nothing, and its job is done at once."""
        form = await _form(request)
        try:
            upload = _upload(form)
            document_id = upload.document_id or chosen_id("doc", owner, idempotency_key)
            job_id = chosen_id("job", owner, idempotency_key)
            async with _one_of(places):
                body = await _store(door, owner.tenant, upload, document_id=document_id, job_id=job_id)
        finally:
            await form.close()
        envelope = door.envelope(
            ActorId(owner.tenant, "documents"),
            body,
            principal=owner,
            trace=trace,
            message_id=chosen_id("msg", owner, f"documents/{idempotency_key}" if idempotency_key else ""),
            tier=Tier.BATCH,  # when memory runs short, files wait outside before people do
        )
        try:
            accepted = await door.ask(envelope, DocumentAccepted)
        except (Terminal, Overloaded):
            await door.blobs_for(owner.tenant).delete(body.blob_key)  # refused for certain: nothing points at it
            raise
        if accepted.unchanged:
            await door.blobs_for(owner.tenant).delete(body.blob_key)  # the live version has its own copy
        return AcceptedOut(document_id=accepted.document_id, job_id=accepted.job_id)

    @api.get("/v1/documents")
    async def index(
        door: TheDoor, owner: Owner, limit: Annotated[int, Query(ge=1, le=1000)] = 200, after: str = ""
    ) -> DocumentsOut:
        """The tenant's documents. `next` is the `after` of the next page, where there is one."""
        async with within(READ_DEADLINE_S, "The journal"):
            found = await door.records_for(owner.tenant).documents(limit=limit, after=after)
        return DocumentsOut(
            documents=[_shown(record) for record in found],
            next=found[-1].document_id if len(found) == limit else None,
        )

    @api.get("/v1/documents/{document_id}")
    async def read(document_id: str, door: TheDoor, owner: Owner) -> DocumentOut:
        """One document: state, pages, chunks, entities, and why it failed where it did."""
        async with within(READ_DEADLINE_S, "The journal"):
            return _shown(await door.records_for(owner.tenant).document(document_id))

    @api.delete("/v1/documents/{document_id}", status_code=202)
    async def delete(
        document_id: str, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> AcceptedOut:
        """Hide the document now; its chunks, its file and what only it supported in the graph go after."""
        envelope = door.envelope(
            ActorId(owner.tenant, "documents"),
            DeleteDocument(document_id=check_name(document_id, "document_id")),
            principal=owner,
            trace=trace,
            message_id=new_id("msg"),
        )
        deleted = await door.ask(envelope, DocumentDeleted)
        return AcceptedOut(document_id=deleted.document_id, job_id=deleted.job_id)

    @api.get("/v1/documents/{document_id}/chunks/{chunk_id}")
    async def chunk(
        document_id: str,
        chunk_id: str,
        door: TheDoor,
        caller: Caller,
        around: Annotated[int, Query(ge=0, le=5000)] = 800,
    ) -> ChunkOut:
        """The text of a chunk and what stands around it. Visitors see only what was cited to them and is public."""
        await citations.check_may_read(door, caller, document_id, chunk_id)
        async with within(READ_DEADLINE_S, "The journal"):
            record = await door.records_for(caller.tenant).chunk(document_id, chunk_id)
            citations.check_is_for(caller, record)
            parsed = (await door.blobs_for(caller.tenant).get(record.parsed_key)).decode()
        return ChunkOut(
            document_id=record.document_id,
            chunk_id=record.chunk_id,
            title=record.title,
            heading=record.heading,
            page=record.page,
            before=parsed[max(0, record.start - around) : record.start],
            text=parsed[record.start : record.end],
            after=parsed[record.end : record.end + around],
            span={"start": record.start, "end": record.end},
        )

    return api


async def _form(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415, "Send the document as multipart/form-data with a part named `file`.")
    try:
        return await request.form(max_files=1, max_fields=10)
    except (MultiPartException, HTTPException) as error:
        said = error.message if isinstance(error, MultiPartException) else str(error.detail)
        raise Invalid(
            f"The multipart body cannot be read: {said}", do="Send one part `file` and few fields."
        ) from error


def _upload(form: FormData) -> _Upload:
    file, url = form.get("file"), _text(form, "url")
    if not isinstance(file, UploadFile) and not url:
        raise Invalid("The part `file` is missing or not a file.", do="Send multipart/form-data with a file in it.")
    if file is not None and url:
        raise Invalid("There are both a `file` and a `url`.", do="Send one of them.")
    document_id = _text(form, "document_id")
    title = _text(form, "title")
    if len(title) > _MAX_TITLE:
        raise Invalid(f"title is longer than {_MAX_TITLE} characters.")
    return _Upload(
        file=file if isinstance(file, UploadFile) else None,
        url=url,
        document_id=check_name(document_id, "document_id") if document_id else "",
        title=title,
        metadata=_metadata(_text(form, "metadata")),
        audience=_audience(_text(form, "audience")),
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise Invalid(f"{name} is a file, but must be text.")
    return value.strip()


def _metadata(raw: str) -> dict[str, str]:
    try:
        values = json.loads(raw) if raw else {}
    except ValueError:
        values = None
    if not isinstance(values, dict) or len(values) > _MAX_METADATA:
        raise Invalid(f"metadata must be a JSON object of at most {_MAX_METADATA} strings.")
    if not all(isinstance(value, str | int | float | bool) for value in values.values()):
        raise Invalid("metadata's values must be strings, numbers or booleans.")
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def _audience(raw: str) -> Audience | None:
    try:
        return Audience(raw) if raw else None
    except ValueError as error:
        known = " or ".join(each.value for each in Audience)
        raise Invalid(f"audience {raw[:40]!r} is not known.", do=f"Use {known}, or leave it out.") from error


@asynccontextmanager
async def _one_of(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """Hold one of the places for uploads in memory, or raise Overloaded when none comes free in time."""
    try:
        await asyncio.wait_for(places.acquire(), _UPLOAD_WAIT_S)
    except TimeoutError as error:
        raise Overloaded("Too many uploads at once.", retry_after=5) from error
    try:
        yield
    finally:
        places.release()


async def _store(door: Door, tenant: str, upload: _Upload, *, document_id: str, job_id: str) -> SubmitDocument:
    limit = door.settings.max_upload_bytes
    if upload.file is None:
        fetched = await door.egress.fetch(upload.url, max_bytes=limit, within_s=_FETCH_S)
        data, sha256 = fetched.data, await asyncio.to_thread(lambda: hashlib.sha256(fetched.data).hexdigest())
        named, said, metadata = fetched.filename, fetched.media_type, {"url": fetched.url, **upload.metadata}
    else:
        data, sha256 = await asyncio.to_thread(_read, upload.file.file, limit)
        named, said, metadata = upload.file.filename or "", upload.file.content_type or "", upload.metadata
    if len(data) > limit:
        raise limits.too_large(limit)
    # Named by its content: a repeat of the call overwrites it with the same bytes and leaves no orphan.
    blob_key = f"uploads/{document_id}/{job_id}-{sha256[:16]}"
    async with within(WRITE_DEADLINE_S, "The blob store"):
        await door.blobs_for(tenant).put(blob_key, data)
    filename = (named or "document").replace("\\", "/").rpartition("/")[2][:255] or "document"
    return SubmitDocument(
        document_id=document_id,
        job_id=job_id,
        blob_key=blob_key,
        filename=filename,
        media_type=media_type(said, filename),
        sha256=sha256,
        size=len(data),
        title=upload.title,
        metadata=metadata,
        audience=upload.audience,
    )


def _read(file: BinaryIO, limit: int) -> tuple[bytes, str]:
    file.seek(0)
    data = file.read(limit + 1)
    return data, hashlib.sha256(data).hexdigest()


def media_type(declared: str, filename: str) -> str:
    """What the sender says, or what the name's ending says where the sender says nothing of use."""
    plain = declared.partition(";")[0].strip().lower()
    if plain not in _GENERIC:
        return plain
    dot = filename.rfind(".")
    known = _TYPES.get(filename[dot:].lower()) if dot >= 0 else None
    return known or mimetypes.guess_type(filename)[0] or "application/octet-stream"


def _shown(record: DocumentRecord) -> DocumentOut:
    return DocumentOut(**asdict(record))
