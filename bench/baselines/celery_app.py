"""The first RagLeap's way: a Gunicorn door that hands each message to Celery, whose turn answers and sends to the sink.

``turn`` does what a turn of ours does: the conversation touched and two lines of history in one durable transaction
(SQLite, WAL, synchronous=FULL), then the reply sent. ``send`` leaves the history out: the least that Celery can do.
Acknowledged late, Redis with its append-only file synchronised every second.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from celery import Celery

app = Celery("baseline", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="turn")
def turn(text: str, conversation: str) -> None:
    now, journal = time.time(), _journal()
    with journal:
        journal.execute("BEGIN IMMEDIATE")
        journal.execute(
            "INSERT INTO conversations VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            (conversation, now),
        )
        journal.executemany(
            "INSERT INTO history (conversation, author, text, at) VALUES (?, ?, ?, ?)",
            [(conversation, author, text, now) for author in ("customer", "assistant")],
        )
    _send(text)


@app.task(name="send")
def send(text: str, conversation: str) -> None:
    _send(text)


def door(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """WSGI: ``POST /turn`` or ``/send`` → 202 once the broker has it."""
    told = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    task = turn if environ["PATH_INFO"] == "/turn" else send
    made = task.delay(told["text"], told["conversation"])
    answer = json.dumps({"message_id": made.id}).encode()
    start("202 Accepted", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def _send(text: str) -> None:
    stream = _sink()
    stream.write(f"{text}\n".encode())
    stream.flush()
    stream.readline()


@cache  # one of each per worker process
def _sink() -> Any:
    return socket.create_connection(("127.0.0.1", int(os.environ["BENCH_SINK"]))).makefile("rwb")


@cache
def _journal() -> sqlite3.Connection:
    journal = sqlite3.connect(os.environ["BENCH_JOURNAL"], timeout=30, isolation_level=None)
    journal.execute("PRAGMA journal_mode=WAL")
    journal.execute("PRAGMA synchronous=FULL")
    journal.execute("CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, at REAL)")
    journal.execute(
        "CREATE TABLE IF NOT EXISTS history "
        "(seq INTEGER PRIMARY KEY, conversation TEXT, author TEXT, text TEXT, at REAL)"
    )
    return journal
