"""The HTTP API as the command line uses it: one method a call, errors as RagleapError with one clear sentence."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import aiohttp
from yarl import URL

from runtime.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Overloaded,
    RagleapError,
    Terminal,
    TooLarge,
    Unauthorized,
    Unavailable,
)

_CONNECT_S = 5.0
_CALL_S = 120.0
_CELL_S = 200.0  # a process starts, or hands over and ends
_FAMILIES: dict[int, type[RagleapError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    503: Unavailable,
}


class Client:
    """Calls one server with one key. Use :func:`connect`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def create_tenant(self, name: str) -> dict[str, Any]:
        return await self._call("POST", "/v1/tenants", json={"name": name})

    async def tenants(self) -> list[dict[str, Any]]:
        return list((await self._call("GET", "/v1/tenants"))["tenants"])

    async def delete_tenant(self, tenant: str) -> dict[str, Any]:
        return await self._call("DELETE", f"/v1/tenants/{quote(tenant, safe='')}", deadline_s=600.0)

    async def mint(self, tenant: str, ttl_s: int) -> str:
        """A key of ``tenant`` that ends by itself."""
        return str(
            (await self._call("POST", f"/v1/tenants/{quote(tenant, safe='')}/tokens", json={"ttl_s": ttl_s}))["key"]
        )

    async def documents(self) -> AsyncIterator[dict[str, Any]]:
        """Every document of the tenant."""
        after = ""
        while True:
            page = await self._call("GET", "/v1/documents", params={"limit": "1000", "after": after})
            for document in page["documents"]:
                yield document
            if not page.get("next"):
                return
            after = page["next"]

    async def submit(
        self, file: BinaryIO, *, filename: str, document_id: str, audience: str | None = None
    ) -> dict[str, Any]:
        """Upload one document; the same ``document_id`` again replaces it."""
        form = _form(document_id, audience)
        form.add_field("file", file, filename=filename)
        return await self._call("POST", "/v1/documents", data=form, deadline_s=600.0)

    async def submit_address(self, url: str, *, document_id: str, audience: str | None = None) -> dict[str, Any]:
        """Have the server fetch one document from the web; the same ``document_id`` again replaces it."""
        form = _form(document_id, audience)
        form.add_field("url", url)
        return await self._call("POST", "/v1/documents", data=form, deadline_s=600.0)

    async def job(self, job_id: str) -> dict[str, Any]:
        return await self._call("GET", f"/v1/jobs/{job_id}")

    async def search(self, query: str, *, k: int, mode: str, as_of: str | None = None) -> dict[str, Any]:
        body = {"query": query, "k": k, "mode": mode, "as_of": as_of}
        return await self._call("POST", "/v1/search", json={name: value for name, value in body.items() if value})

    async def chat(self, message: str, *, as_of: str | None, session_id: str | None) -> dict[str, Any]:
        """The answer, or ``{message_id}`` alone where it takes longer than the server waits."""
        body = {"message": message, "as_of": as_of, "session_id": session_id}
        return await self._call("POST", "/v1/chat", json={name: value for name, value in body.items() if value})

    async def message(self, message_id: str) -> dict[str, Any]:
        return await self._call("GET", f"/v1/messages/{message_id}")

    async def dead_letters(self, tenant: str, *, limit: int) -> dict[str, Any]:
        """What could not be handled; with the operator's key of all tenants, or of the one that is given."""
        return await self._call("GET", "/v1/dead-letters", params={"limit": str(limit), **_of(tenant)})

    async def dead_letter(self, tenant: str, message_id: str) -> dict[str, Any]:
        return await self._call("GET", f"/v1/dead-letters/{quote(message_id, safe='')}", params=_of(tenant))

    async def replay(self, tenant: str, message_id: str) -> dict[str, Any]:
        path = f"/v1/dead-letters/{quote(message_id, safe='')}/replay"
        return await self._call("POST", path, params=_of(tenant))

    async def ready(self) -> dict[str, str]:
        """What is not ready → why."""
        async with self._request("GET", "/readyz", deadline_s=10.0) as response:
            body = await _json(response)
        return dict(body.get("not_ready", {})) if isinstance(body, dict) else {"gateway": f"status {response.status}"}

    async def channels(self) -> list[dict[str, Any]]:
        """The tenant's accounts at providers, without their secrets."""
        return list((await self._call("GET", "/v1/channels"))["channels"])

    async def add_channel(self, body: Mapping[str, object]) -> dict[str, Any]:
        """Connect an account; the same name again changes it."""
        return await self._call("POST", "/v1/channels", json=body)

    async def drafts(self, *, limit: int) -> dict[str, Any]:
        """Answers that wait for a person's approval, the oldest first."""
        return await self._call("GET", "/v1/drafts", params={"limit": str(limit)})

    async def approve_draft(self, draft_id: str, text: str) -> dict[str, Any]:
        """Have it sent; with ``text`` instead of its own words, where there is any."""
        return await self._call("POST", f"/v1/drafts/{quote(draft_id, safe='')}/approve", json={"text": text})

    async def edit_draft(self, draft_id: str, text: str) -> dict[str, Any]:
        return await self._call("PATCH", f"/v1/drafts/{quote(draft_id, safe='')}", json={"text": text})

    async def discard_draft(self, draft_id: str) -> dict[str, Any]:
        return await self._call("POST", f"/v1/drafts/{quote(draft_id, safe='')}/discard")

    async def test_channel(self, channel_id: str) -> dict[str, Any]:
        """What the provider calls the account."""
        return await self._call("POST", f"/v1/channels/{quote(channel_id, safe='')}/test")

    async def databases(self) -> list[dict[str, Any]]:
        """The tenant's live databases, without their passwords."""
        return list((await self._call("GET", "/v1/databases"))["databases"])

    async def add_database(self, body: Mapping[str, object]) -> dict[str, Any]:
        """Read from a database; the same name again changes where it is."""
        return await self._call("POST", "/v1/databases", json=body)

    async def remove_database(self, name: str) -> dict[str, Any]:
        return await self._call("DELETE", f"/v1/databases/{quote(name, safe='')}")

    async def refresh_database(self, name: str) -> dict[str, Any]:
        return await self._call("POST", f"/v1/databases/{quote(name, safe='')}/refresh")

    async def query_database(self, name: str, sql: str) -> dict[str, Any]:
        return await self._call("POST", f"/v1/databases/{quote(name, safe='')}/query", json={"sql": sql})

    async def ask_database(self, name: str, question: str, *, as_of: str | None) -> dict[str, Any]:
        body = {"question": question, **({"as_of": as_of} if as_of else {})}
        return await self._call("POST", f"/v1/databases/{quote(name, safe='')}/ask", json=body)

    async def owners(self) -> list[dict[str, Any]]:
        """Who speaks as the owner or as staff over a channel."""
        return list((await self._call("GET", "/v1/owners"))["owners"])

    async def add_owner(self, kind: str, identity: str, role: str) -> dict[str, Any]:
        return await self._call("POST", "/v1/owners", json={"kind": kind, "identity": identity, "role": role})

    async def remove_owner(self, kind: str, identity: str) -> dict[str, Any]:
        return await self._call("DELETE", f"/v1/owners/{quote(kind, safe='')}/{quote(identity, safe='')}")

    async def status(self) -> dict[str, Any]:
        """``cells``: what each tells the operator (tenants, queue lengths, restarts); ``journal``: what waits there."""
        return await self._call("GET", "/v1/status", deadline_s=10.0)

    async def cells(self) -> list[dict[str, Any]]:
        """Every cell, its state, and how many tenants are placed at it."""
        return list((await self._call("GET", "/v1/cells"))["cells"])

    async def add_cell(self, cell: str, *, dedicated: bool) -> dict[str, Any]:
        body = {"cell": cell, "dedicated": dedicated}
        return await self._call("POST", "/v1/cells", json=body, deadline_s=_CELL_S)

    async def remove_cell(self, cell: str) -> dict[str, Any]:
        return await self._call("DELETE", f"/v1/cells/{quote(cell, safe='')}", deadline_s=_CELL_S)

    async def place(self, tenant: str, cell: str) -> dict[str, Any]:
        """Keep the tenant at ``cell``; "" lets it go where the directory puts it."""
        return await self._call("PUT", f"/v1/tenants/{quote(tenant, safe='')}/cell", json={"cell": cell})

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        data: aiohttp.FormData | None = None,
        params: Mapping[str, str] | None = None,
        deadline_s: float = _CALL_S,
    ) -> dict[str, Any]:
        async with self._request(method, path, json=json, data=data, params=params, deadline_s=deadline_s) as response:
            body = await _json(response)
            if response.status >= 400:
                raise _error(response, body)
            if not isinstance(body, dict):
                raise Terminal(f"{self.url}{path} did not answer with JSON.", do="Is this a RagLeap server?")
            return body

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        deadline_s: float,
        json: Mapping[str, object] | None = None,
        data: aiohttp.FormData | None = None,
        params: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        timeout = aiohttp.ClientTimeout(total=deadline_s, connect=_CONNECT_S)
        try:
            async with self._session.request(
                method, URL(self.url + path, encoded=True), json=json, data=data, params=params, timeout=timeout
            ) as response:
                yield response
        except TimeoutError as error:
            raise Unavailable(f"{self.url} did not answer within {deadline_s:.0f} s.", do="Try again.") from error
        except aiohttp.ClientError as error:
            raise Unavailable(
                f"{self.url} can't be reached ({error or type(error).__name__}).",
                do="Is it running? `ragleap up` starts it.",
            ) from error


@asynccontextmanager
async def connect(url: str, key: str) -> AsyncIterator[Client]:
    """A client of the server at ``url`` that shows ``key``."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield Client(session, url.rstrip("/"))


async def submit_path(client: Client, path: Path, document_id: str, *, audience: str | None = None) -> dict[str, Any]:
    """Upload the file at ``path``; raises Invalid where it can't be read."""
    try:
        with path.open("rb") as file:
            return await client.submit(file, filename=path.name, document_id=document_id, audience=audience)
    except OSError as error:
        raise Invalid(f"{path} can't be read: {error.strerror}.") from error


def _form(document_id: str, audience: str | None) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("document_id", document_id)
    if audience:
        form.add_field("audience", audience)
    return form


def _of(tenant: str) -> dict[str, str]:
    return {"tenant": tenant} if tenant else {}


async def _json(response: aiohttp.ClientResponse) -> object:
    try:
        return json.loads(await response.read())
    except ValueError:
        return None


def _error(response: aiohttp.ClientResponse, body: object) -> RagleapError:
    problem = body if isinstance(body, dict) else {}
    what = str(problem.get("detail") or f"The server answered {response.status} {response.reason}.")
    if response.status == 429:
        return Overloaded(what, do=" ", retry_after=float(response.headers.get("Retry-After", 1)))
    return _FAMILIES.get(response.status, Terminal)(what)
