"""The parse process: reads files from its input, writes what they say to its output, until the input ends.

It exists so that a file that crashes, hangs or bloats a parser takes this process down and nothing else; ``sandbox``
says what it may not do. A request is an 8-byte length and JSON (filename, media type, size), then the file; an answer
is an 8-byte length and JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import BinaryIO

from pydantic import TypeAdapter

from actors.ingest import sandbox
from actors.ingest.parse import parse
from actors.ingest.parse_office import make_ready
from actors.ingest.parsed import Parsed
from runtime.errors import RagleapError

_PROCESSOR_S = 60  # for one file; the owner gives up sooner
_PR_SET_PDEATHSIG = 1
_PARSED: TypeAdapter[Parsed] = TypeAdapter(Parsed)


def main() -> None:
    """Serve until the parent closes the pipe or dies."""
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # native code that prints must not break the framing
    _die_with_parent()
    make_ready()
    sandbox.enter()
    serve(sys.stdin.buffer, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests one by one until there are no more."""
    while True:
        length = requests.read(8)
        if len(length) < 8:
            return
        asked = json.loads(requests.read(int.from_bytes(length, "big")))
        data = requests.read(asked["size"])
        sandbox.allow_processor_s(_PROCESSOR_S)
        answer = _answer(data, asked["filename"], asked["media_type"])
        answers.write(len(answer).to_bytes(8, "big") + answer)
        answers.flush()


def _answer(data: bytes, filename: str, media_type: str) -> bytes:
    try:
        return b"P" + _PARSED.dump_json(parse(data, filename, media_type))
    except RagleapError as error:
        return b"E" + json.dumps({"what": error.what, "do": error.do}).encode()
    except MemoryError:
        return b"E" + json.dumps({"what": "The file needs too much memory.", "do": "Split it."}).encode()
    except Exception as error:  # a parser's own bug: the file is refused, the worker lives
        what = f"The file cannot be read ({type(error).__name__})."
        return b"E" + json.dumps({"what": what, "do": "Open and save it again, then upload it."}).encode()


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
