"""The door of the actor runtime: what an actor's author needs, from one place (``runtime/README.md`` has an example).

Promises: these names are the public ones and keep their meaning; all else in ``runtime`` may change. A name's module is
imported when the name is asked for, so importing this package, or one module of it, costs nothing of the others.

Held by tests/unit/runtime/test_public_door.py.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.actor import Actor, ActorContext, Effect, Kind, Turn, TurnFacts, handles
    from runtime.address import ActorId
    from runtime.cell import Cell
    from runtime.channel import Channel, Found, Outgoing, Outlet, Resolution
    from runtime.client import Cells
    from runtime.clock import Clock, SystemClock
    from runtime.codec import Codec
    from runtime.errors import (
        Conflict,
        DeadlineExceeded,
        Fenced,
        Forbidden,
        Invalid,
        Moved,
        NotFound,
        Overloaded,
        RagleapError,
        Retryable,
        Terminal,
        TooLarge,
        Unauthorized,
        Unavailable,
    )
    from runtime.ids import new_id
    from runtime.journal import Journal
    from runtime.limits import Limits
    from runtime.local_cell import open_cell
    from runtime.message import Envelope, Receipt, StreamEvent, Tier, Trace, Verdict
    from runtime.principal import Principal, Role
    from runtime.random import Random
    from runtime.reminders import CancelReminder, SetReminder
    from runtime.retry import RetryPolicy
    from runtime.schedule import Schedule
    from runtime.store.conversations import AppendHistory, SendOut, TouchConversation, answer_with

_ERRORS = (
    "Conflict DeadlineExceeded Fenced Forbidden Invalid Moved NotFound Overloaded RagleapError Retryable Terminal "
    "TooLarge Unauthorized Unavailable"
)
_MODULES = {
    "actor": "Actor ActorContext Effect Kind Turn TurnFacts handles",
    "address": "ActorId",
    "cell": "Cell",
    "channel": "Channel Found Outgoing Outlet Resolution",
    "client": "Cells",
    "clock": "Clock SystemClock",
    "codec": "Codec",
    "errors": _ERRORS,
    "ids": "new_id",
    "journal": "Journal",
    "limits": "Limits",
    "local_cell": "open_cell",
    "message": "Envelope Receipt StreamEvent Tier Trace Verdict",
    "principal": "Principal Role",
    "random": "Random",
    "reminders": "CancelReminder SetReminder",
    "retry": "RetryPolicy",
    "schedule": "Schedule",
    "store.conversations": "AppendHistory SendOut TouchConversation answer_with",
}
_HOMES = {name: f"runtime.{module}" for module, names in _MODULES.items() for name in names.split()}

__all__ = [  # noqa: RUF022
    # to write an actor
    "Actor",
    "ActorContext",
    "ActorId",
    "Effect",
    "Kind",
    "RetryPolicy",
    "Turn",
    "TurnFacts",
    "handles",
    # what it can have done durably
    "AppendHistory",
    "CancelReminder",
    "Schedule",
    "SendOut",
    "SetReminder",
    "TouchConversation",
    "answer_with",
    # to talk to one
    "Cells",
    "Envelope",
    "Principal",
    "Receipt",
    "Role",
    "StreamEvent",
    "Tier",
    "Trace",
    "Verdict",
    "new_id",
    # a channel to the outside
    "Channel",
    "Found",
    "Outgoing",
    "Outlet",
    "Resolution",
    # to run a cell
    "Cell",
    "Clock",
    "Codec",
    "Journal",
    "Limits",
    "Random",
    "SystemClock",
    "open_cell",
    # what is raised
    "Conflict",
    "DeadlineExceeded",
    "Fenced",
    "Forbidden",
    "Invalid",
    "Moved",
    "NotFound",
    "Overloaded",
    "RagleapError",
    "Retryable",
    "Terminal",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
]

if not TYPE_CHECKING:  # a type checker takes the imports above, and tells of names that are none

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'runtime' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
