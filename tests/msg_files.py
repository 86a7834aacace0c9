"""Outlook messages (MSG), written from their properties: a compound file of small and large streams.

Source: [MS-CFB] (the compound file), [MS-OXMSG] (storages, streams and the property stream of a message).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Node = bytes | Mapping[str, "Node"]

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_SMALL = 4096  # bytes; a shorter stream lies among the small ones


def msg_of(
    subject: str,
    body: str,
    *,
    sender: tuple[str, str],
    to: Sequence[tuple[str, str]],
    attachments: Mapping[str, bytes | Mapping[str, Node]] | None = None,
) -> bytes:
    """A message with its attachments: files, or what ``message`` made."""
    return compound(message(subject, body, sender=sender, to=to, attachments=attachments))


def message(
    subject: str,
    body: str,
    *,
    sender: tuple[str, str],
    to: Sequence[tuple[str, str]],
    attachments: Mapping[str, bytes | Mapping[str, Node]] | None = None,
    inner: bool = False,
) -> dict[str, Node]:
    """The streams of a message; ``inner`` where it is attached to another."""
    sent = _fixed(0x0039, 0x0040, 134_040_000_000_000_000)  # a FILETIME: 2025-10-03 21:20 UTC
    made: dict[str, Node] = {
        **_text(0x0037, subject),
        **_text(0x1000, body),
        **_text(0x0C1A, sender[0]),
        **_text(0x5D01, sender[1]),
        "__properties_version1.0": b"\0" * (24 if inner else 32) + sent,
    }
    for number, (name, address) in enumerate(to):
        properties = b"\0" * 8 + _fixed(0x0C15, 0x0003, 1)
        made[f"__recip_version1.0_#{number:08X}"] = {
            **_text(0x3001, name),
            **_text(0x39FE, address),
            "__properties_version1.0": properties,
        }
    for number, (name, content) in enumerate((attachments or {}).items()):
        data = "__substg1.0_3701" + ("0102" if isinstance(content, bytes) else "000D")
        made[f"__attach_version1.0_#{number:08X}"] = {
            **_text(0x3707, name),
            data: content,
            "__properties_version1.0": b"\0" * 8,
        }
    return made


class _Chains:
    """Sectors of one size, and for each the one that goes on with its stream."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.sectors: list[bytes] = []
        self.next: list[int] = []

    def add(self, data: bytes) -> int:
        """Where a stream begins."""
        begin = len(self.sectors)
        self.sectors.extend(
            data[at : at + self._size].ljust(self._size, b"\0") for at in range(0, len(data), self._size)
        )
        self.next.extend([*range(begin + 1, len(self.sectors)), _END])
        return begin if data else _END


def compound(root: Mapping[str, Node]) -> bytes:
    """A compound file of these storages and streams."""
    large, small = _Chains(_SECTOR), _Chains(64)
    entries: list[list[object]] = [["Root Entry", _ROOT, _FREE, _FREE, _FREE, _END, 0]]

    def add(children: Mapping[str, Node], parent: int) -> None:
        last = -1
        for name, node in sorted(children.items(), key=lambda each: (len(each[0]), each[0].upper())):
            kind, start, size = _STORAGE, 0, 0
            if isinstance(node, bytes):
                kind, size = _STREAM, len(node)
                start = (small if size < _SMALL else large).add(node)
            entries.append([name, kind, _FREE, _FREE, _FREE, start, size])
            here = len(entries) - 1
            if last < 0:
                entries[parent][4] = here
            else:
                entries[last][3] = here  # each to the right of the one before: a tree all the same
            last = here
            if not isinstance(node, bytes):
                add(node, here)

    add(root, 0)
    smalls = b"".join(small.sectors)
    entries[0][5:] = [large.add(smalls), len(smalls)]
    small_table = large.add(struct.pack(f"<{len(small.next)}I", *small.next).ljust(_SECTOR, b"\xff"))
    smalls_in_table = -(-4 * len(small.next) // _SECTOR) or 1
    directory = large.add(b"".join(_entry(*each) for each in entries))  # type: ignore[arg-type]
    tables = 1
    while tables * _SECTOR // 4 < len(large.sectors) + tables:
        tables += 1
    places = [len(large.sectors) + n for n in range(tables)] + [_FREE] * (109 - tables)
    table = struct.pack(f"<{len(large.next)}I", *large.next) + struct.pack("<I", _FAT) * tables
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, tables, directory, 0, _SMALL, small_table, smalls_in_table, _END, 0)
    body = b"".join(large.sectors) + table.ljust(tables * _SECTOR, b"\xff")
    return head + struct.pack("<109I", *places) + body


def _entry(name: str, kind: int, left: int, right: int, child: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, left, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)


def _text(number: int, text: str) -> dict[str, Node]:
    return {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le")}


def _fixed(number: int, kind: int, value: int) -> bytes:
    return struct.pack("<HHIQ", kind, number, 6, value)
