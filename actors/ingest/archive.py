"""What a zip-based file (office files, EPUB) unpacks to, counted before any parser opens it.

Promises: the bytes are inflated and counted in small pieces, whatever the headers claim; a bomb, an encrypted file, a
damaged one, one whose members lead out of it and one whose XML declares entities raise Terminal. Nothing is written.

Held by tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from actors.ingest.allowance import MAX_INFLATED
from runtime.errors import Terminal

MAX_MEMBERS = 10_000
_PIECE = 1 << 18
_XML = (".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm", ".svg", ".vml")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PROLOG = 1 << 16  # bytes; declarations stand before the first element
# What the standard library raises over an archive that is not in order.
BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, NotImplementedError, RuntimeError, EOFError, OSError)


def inspect_archive(data: bytes, most: int = MAX_INFLATED) -> int:
    """Read every member once; how many bytes they are. Raises Terminal for what no parser should be given."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_names(members)
            left = most
            for member in members:
                left -= _inflate(archive, member, left)
            return most - left
    except BROKEN as error:
        raise damaged() from error


def not_what_it_says() -> Terminal:
    return Terminal("The file is damaged or not what its name says.", do="Open and save it again, then upload it.")


def damaged() -> Terminal:
    return Terminal("The file is damaged: its archive cannot be opened.", do="Upload it again.")


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise Terminal(f"The file is an archive of more than {MAX_MEMBERS:,} parts.", do="Split it into smaller files.")
    if any(member.flag_bits & 1 for member in members):
        raise _encrypted()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise Terminal(
                "The file's archive holds paths that lead out of it.", do="Open and save it again, then upload it."
            )


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """How many bytes a member inflates to; Terminal when that is more than what is ``left``."""
    total = 0
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            if total == 0 and member.filename.lower().endswith(_XML):
                check_prolog(member.filename, piece)
            total += len(piece)
            if total > left:
                raise Terminal(
                    f"The file unpacks to more than {MAX_INFLATED // 1024**2} MB.", do="Split it into smaller files."
                )
    return total


def check_prolog(name: str, head: bytes) -> None:
    """Raise Terminal where the beginning of an XML file declares entities, or a manifest tells of encryption."""
    plain = head[:_PROLOG].replace(b"\0", b"")  # UTF-16 is ASCII with zero bytes between, as far as this goes
    if _ENTITY.search(plain):
        raise Terminal(
            "The file declares XML entities, which documents have no need for.",
            do="Open and save it again in an office program, then upload it.",
        )
    if name == "META-INF/manifest.xml" and b"encryption-data" in head:
        raise _encrypted()


def _encrypted() -> Terminal:
    return Terminal("The file is encrypted.", do="Remove its password and upload it again.")
