"""Structured logs and spans. A log event has a name and fields (tenant, actor, message, trace), never a sentence
with data baked in, and never a message's text.

The trace id is set once per request or turn and travels with the asyncio task, so every store call made for a message
logs the id of the HTTP request that caused it.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.contextvars import bound_contextvars

log = structlog.get_logger("span")


def configure(level: str) -> None:
    """JSON lines on stderr, one per event. Call once per process, first."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Every event logged inside carries ``fields`` (tenant, actor, message_id, trace_id)."""
    with bound_contextvars(**fields):
        yield


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
