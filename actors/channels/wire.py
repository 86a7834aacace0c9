"""Reading what a provider has sent: JSON of which nothing is certain.

Promises: bytes that are no JSON object raise Invalid, whatever they are; from there on nothing raises: what is missing
or of another type than it should be reads as empty. Text comes out storable everywhere: without NUL, and with U+FFFD in
the place of half surrogate pairs.

Held by tests/unit/actors/channels/test_wire.py.
"""

from __future__ import annotations

import hmac
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from runtime.errors import Invalid

_LONGEST_ID = 200


def read_object(body: bytes) -> Fields:
    """The JSON object in ``body``. Raises Invalid."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The body is not JSON.", do="Send what the provider's webhook sends.") from error
    if not isinstance(found, dict):
        raise Invalid("The body is no JSON object.", do="Send what the provider's webhook sends.")
    return Fields(found)


def clean(text: str) -> str:
    """``text`` as every store and every provider takes it."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def same_secret(told: str, ours: str) -> bool:
    """Whether ``told`` is ``ours``, which is not empty; in constant time."""
    return bool(ours) and hmac.compare_digest(as_bytes(told), as_bytes(ours))


def as_bytes(text: str) -> bytes:
    """Of whatever text."""
    return text.encode("utf-8", "surrogatepass")


class Fields:
    """An object of the provider's, read by name."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> Iterator[str]:
        return iter(self._values)

    def text(self, *names: str, most: int = 1_000) -> str:
        """The first of ``names`` that is a text or a whole number, cut to ``most`` characters; else ""."""
        for name in names:
            value = self._values.get(name)
            if isinstance(value, str) and value:
                return clean(value[:most])
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
                return str(value)
        return ""

    def id(self, *names: str) -> str:
        """The first of ``names`` that can be a provider's id: printable ASCII without spaces, at most 200; else ""."""
        for name in names:
            found = self.text(name, most=_LONGEST_ID + 1)
            if found.isascii() and found.isprintable() and " " not in found and 0 < len(found) <= _LONGEST_ID:
                return found
        return ""

    def number(self, name: str) -> float | None:
        """A finite number, also where it is written as a text; None where there is none."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            found = float(value)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    def true(self, name: str) -> bool:
        return self._values.get(name) is True

    def fields(self, name: str) -> Fields:
        value = self._values.get(name)
        return Fields(value if isinstance(value, dict) else {})

    def each(self, name: str) -> Iterator[Fields]:
        """The objects of a list."""
        value = self._values.get(name)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield Fields(item)


class Ignored:
    """Counts what is left out, by name. The names are ours, or the provider's once they look like names."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        plain = name.isascii() and name.replace("_", "").isalnum() and len(name) <= 60
        self._counts[name if plain else "unknown"] += 1

    def counts(self) -> Mapping[str, int]:
        return dict(self._counts)
