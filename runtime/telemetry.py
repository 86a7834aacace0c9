"""Structured logs and spans. A log event has a name and fields (tenant, actor, message, trace), never a sentence
with data baked in, and never a message's text.

What a turn is about is set once and travels with the asyncio task, so every call to the graph, the vectors and the
models that is made for a message is logged (at debug level, failures as warnings) with the trace id of the HTTP request
that caused it; the journal counts its commits instead (:mod:`runtime.commit_figures`). The fields are made when
something is logged, not for every turn.

Held by tests/unit/runtime/test_telemetry.py, tests/unit/actors/models/test_client.py and
tests/integration/api/test_api_errors.py::test_the_trace_id_goes_from_the_request_to_every_message.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import structlog

log = structlog.get_logger("span")


class Subject(Protocol):
    """What is being worked on: a message, or a request of which no more is known than its trace."""

    def log_fields(self) -> Mapping[str, str]: ...


_SUBJECT: ContextVar[Subject] = ContextVar("subject")


def configure(level: str) -> None:
    """JSON lines on stderr, one per event. Call once per process, first."""
    structlog.configure(
        processors=[
            add_subject,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def about(subject: Subject) -> None:
    """What the current task logs from here on, and the tasks that it starts, carries the subject's fields."""
    _SUBJECT.set(subject)


def add_subject(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A processor of structlog's: what the event says itself stands."""
    subject = _SUBJECT.get(None)
    return event if subject is None else {**subject.log_fields(), **event}


@contextmanager
def span(name: str, **fields: object) -> Iterator[None]:
    """Log how long a store or model call took, with the current trace, at debug level; failures as warnings."""
    start = time.perf_counter()
    try:
        yield
    except Exception as error:
        log.warning(name, ms=_ms(start), error=type(error).__name__, **fields)
        raise
    log.debug(name, ms=_ms(start), **fields)


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
