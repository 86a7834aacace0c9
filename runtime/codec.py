"""Bodies of durable messages as JSON: a registry of frozen dataclasses, so that a journal outlives a deployment.

Unknown fields of a newer writer are ignored; a body whose class is gone is ``Terminal`` and becomes a dead letter.

Held by tests/unit/runtime/test_codec.py and
tests/unit/runtime/test_cell_messages.py::test_a_message_that_this_version_cannot_read_is_buried_and_blocks_nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from runtime.errors import Terminal


class Codec:
    """Encodes and decodes instances of the registered classes. A class is named by its ``__name__``."""

    def __init__(self, classes: Iterable[type]) -> None:
        self._adapters: dict[str, TypeAdapter[object]] = {cls.__name__: TypeAdapter(cls) for cls in classes}

    def encode(self, body: object) -> str:
        """JSON of ``body``; raises Terminal if its class is not registered."""
        name = type(body).__name__
        adapter = self._adapters.get(name)
        if adapter is None:
            raise Terminal(f"{name} is not a durable message.", do="Register the class with the cell's codec.")
        return json.dumps([name, adapter.dump_python(body, mode="json")], ensure_ascii=False, separators=(",", ":"))

    def decode(self, text: str) -> object:
        """The inverse of :meth:`encode`; raises Terminal for what this version does not understand."""
        try:
            name, fields = json.loads(text)
        except (ValueError, TypeError) as error:
            raise Terminal("The journal holds a message that is not readable.") from error
        adapter = self._adapters.get(name)
        if adapter is None:
            raise Terminal(f"The journal holds a {name}, which this version does not know.")
        try:
            return adapter.validate_python(fields)
        except ValidationError as error:
            raise Terminal(f"The journal's {name} does not fit this version: {error.error_count()} errors.") from error
