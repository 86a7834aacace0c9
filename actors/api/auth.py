"""Who calls: the Bearer credential becomes a principal, and the principal alone names the tenant."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from actors.api import sessions
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.api.naming import check_idempotency_key
from runtime.errors import Forbidden, Unauthorized
from runtime.message import Trace
from runtime.principal import Principal, Role

_bearer = HTTPBearer(
    auto_error=False,
    description="An API key, a session token, or the operator's key for /v1/tenants, /v1/status and /metrics",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


# Asynchronous, though they wait for nothing: FastAPI runs a plain function in a thread, which costs more than the rest
# of a small request (measured).
async def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def _trace(request: Request) -> Trace:
    trace: Trace = request.state.trace
    return trace


TheDoor = Annotated[Door, Depends(_door)]
TheTrace = Annotated[Trace, Depends(_trace)]


async def _caller(request: Request, door: TheDoor, credentials: Credentials) -> Principal:
    raw = _raw(credentials)
    async with within(READ_DEADLINE_S, "The journal"):
        if raw.startswith(sessions.PREFIX):
            principal = await _visitor(door, raw)
            if principal is not None:
                request.app.state.visitor_limits.call(request, principal.identity)
        else:
            principal = await door.authenticate(raw)
    if principal is None:
        raise Unauthorized("These credentials are unknown, revoked or expired.", do="Check the key, or get a new one.")
    request.state.tenant = principal.tenant
    return principal


async def _visitor(door: Door, token: str) -> Principal | None:
    session = door.sessions.verify(token, now=door.clock.now())
    # The embed key is asked every time: revoking it, or deleting its tenant, ends its sessions at once.
    if session is None or await door.embed(session.embed_key) != session.tenant:
        return None
    return Principal(
        tenant=session.tenant, role=Role.ANONYMOUS, identity=session.session_id, verified_by="session-token"
    )


Caller = Annotated[Principal, Depends(_caller)]


async def _owner(caller: Caller) -> Principal:
    caller.require(Role.OWNER, Role.STAFF)
    return caller


async def _operator(door: TheDoor, credentials: Credentials) -> None:
    if not door.operator(_raw(credentials)):
        raise Unauthorized("This call needs the operator's key.", do="`ragleap up` prints where it is kept.")


async def _overseer(request: Request, door: TheDoor, credentials: Credentials, tenant: str = "") -> str:
    if door.operator(_raw(credentials)):
        return tenant
    owner = await _owner(await _caller(request, door, credentials))
    if tenant not in ("", owner.tenant):
        raise Forbidden("This key is another tenant's.", do="Leave `tenant` out, or use the operator's key.")
    return owner.tenant


def _raw(credentials: HTTPAuthorizationCredentials | None) -> str:
    if credentials is None or not credentials.credentials:
        raise Unauthorized("This call needs a key.", do="Send the header `Authorization: Bearer <key>`.")
    return credentials.credentials


async def _idempotency(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    return check_idempotency_key(idempotency_key)


Owner = Annotated[Principal, Depends(_owner)]
Operator = Depends(_operator)
Overseer = Annotated[str, Depends(_overseer)]  # the owner's tenant; the operator's choice, "" for all tenants
IdempotencyKey = Annotated[str, Depends(_idempotency)]
