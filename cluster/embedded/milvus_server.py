"""The embedded vector server's own program: milvus-lite's engine behind gRPC on loopback.

``python -m cluster.embedded.milvus_server DATA_DIR PORT``. It differs from ``milvus-lite server`` in four ways:
writes of one collection exclude its other calls (the engine expects a single writer, and rows that are being flushed
are invisible to a reader in that moment), the port is never shared with another process, SIGTERM ends it in order, and
an idle client keeps its connection.
"""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

_THREADS = 6
_MESSAGE_BYTES = 64 * 1024 * 1024
_READS = ("Query", "Search", "HybridSearch", "GetCollectionStatistics")
_WRITES = ("Insert", "Upsert", "Delete", "Flush", "CreateIndex", "LoadCollection", "ReleaseCollection")


class SharedLock:
    """Many readers or one writer; a waiting writer goes before later readers."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._readers = 0
        self._writing = False
        self._waiting = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._writing and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._condition:
                self._readers -= 1
                self._condition.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._condition:
            self._waiting += 1
            try:
                self._condition.wait_for(lambda: not self._writing and not self._readers)
            finally:
                self._waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            with self._condition:
                self._writing = False
                self._condition.notify_all()


class Guarded:
    """A gRPC servicer whose calls on one collection are ordered by that collection's lock."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer
        self._locks: dict[str, SharedLock] = {}
        self._guard = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._servicer, name)
        if name in _READS:
            return self._guarded(call, SharedLock.reading)
        if name in _WRITES:
            return self._guarded(call, SharedLock.writing, trim=name == "Flush")
        return call

    def _guarded(self, call: Callable[[Any, Any], Any], mode: Callable[[SharedLock], Any], trim: bool = False) -> Any:
        def run(request: Any, context: Any) -> Any:
            with mode(self._lock(_collection(request))):
                answer = call(request, context)
            if trim:
                _give_back_memory()
            return answer

        return run

    def _lock(self, collection: str) -> SharedLock:
        with self._guard:
            return self._locks.setdefault(collection, SharedLock())


def _collection(request: Any) -> str:
    name = getattr(request, "collection_name", "")
    return str(name or next(iter(getattr(request, "collection_names", ())), ""))


def _give_back_memory() -> None:
    """Return the free memory of an ingest's batches to the system (glibc keeps it otherwise)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def serve(data_dir: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    import grpc  # type: ignore[import-untyped]
    from milvus_lite.adapter.grpc.servicer import MilvusServicer  # type: ignore[import-untyped]
    from milvus_lite.db import MilvusLite  # type: ignore[import-untyped]
    from pymilvus.grpc_gen import milvus_pb2_grpc

    database = MilvusLite(data_dir)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
            # Its clients ask every 10 s whether it is there, also when they have nothing else to say. By default a
            # server ends the connection of who asks that often, under whatever call is on its way then.
            ("grpc.http2.max_ping_strikes", 0),
        ],
    )
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Guarded(MilvusServicer(database)), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    print(f"serving {data_dir} on 127.0.0.1:{port}", flush=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.stop(grace=3).wait()
    database.close()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
