"""The embedded language model's own program: llama.cpp's OpenAI-compatible server on loopback.

``python -m cluster.embedded.llama_server MODEL NAME PORT THREADS KEY_FILE``. Two slots share a context of 8,192
tokens; a repeated prompt prefix is reused.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

_CONTEXT = 8_192
_SLOTS = 2


def serve(model: str, name: str, port: int, threads: int, key: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [key]
    parameters.n_ctx = _CONTEXT
    parameters.n_parallel = _SLOTS
    parameters.n_batch = 256
    parameters.n_ubatch = 128
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.cache_ram_mib = 64
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = xllamacpp.Server(parameters)
    print(f"serving {name} on {server.listening_address}", flush=True)
    stop.wait()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]).read_text().strip())
