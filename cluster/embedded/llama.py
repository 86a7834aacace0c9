"""The embedded language model: llama.cpp's server as a watched child process on loopback."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from cluster.embedded.child import Child, ChildSpec
from cluster.embedded.place import Place
from cluster.embedded.probes import http_answers
from cluster.language_model_file import NAME
from runtime.errors import Unavailable

_ROOT = Path(__file__).resolve().parents[2]


class Llama:
    """The watched language model of one data directory. ``url``, ``model`` and ``key`` are for the client."""

    def __init__(self, data_dir: Path, weights: Path, *, threads: int = 2) -> None:
        if find_spec("xllamacpp") is None:
            raise Unavailable(
                "The embedded language model's server is not installed.",
                do="Install the extra `llm`, or set RAGLEAP_LANGUAGE_MODEL_URL to an OpenAI-compatible endpoint.",
            )
        place = Place(data_dir, "language-model")
        port = place.port()
        self.url = f"http://127.0.0.1:{port}/v1"
        self.model = NAME
        self.key = place.secret()
        self.child = Child(
            ChildSpec(
                name="language-model",
                command=[
                    *(sys.executable, "-m", "cluster.embedded.llama_server"),
                    *(str(weights), NAME, str(port), str(threads), str(place.secret_file())),
                ],
                probe=lambda: http_answers(port, "/health"),
                environment={"MALLOC_ARENA_MAX": "2"},
                directory=_ROOT,  # so that -m finds the package also where it is not installed
                ready_s=120.0,
            ),
            logs=place.logs,
        )

    async def start(self) -> None:
        await self.child.start()

    async def close(self) -> None:
        await self.child.close()
