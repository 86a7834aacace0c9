"""The words of a PPTX's slides, read without the rest: for files whose pictures or layouts the full parser refuses.

Promises: no XML parser runs, so no entity is expanded; what is unpacked is bounded; an unreadable file has no slides.

Held by tests/unit/actors/ingest/test_parse.py::test_slides_are_read_even_where_their_pictures_are_broken and
tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

from actors.ingest.archive import BROKEN
from actors.ingest.text import clean

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_PARAGRAPH = re.compile(r"<a:p[ >].*?</a:p>", re.DOTALL)
_RUN = re.compile(r"<a:t(?: [^>]*)?>([^<]*)</a:t>|(<a:br[ />])")
_MAX_SLIDE = 10_000_000  # bytes of XML
_MAX_SLIDES = 2_000


def slide_texts(data: bytes) -> list[str]:
    """The text of each slide that has any, in order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = sorted(
                (int(found[1]), info)
                for info in archive.infolist()
                if (found := _SLIDE.fullmatch(info.filename)) and info.file_size <= _MAX_SLIDE
            )
            slides = [_text(archive.read(info).decode("utf-8", "replace")) for _, info in members[:_MAX_SLIDES]]
    except (*BROKEN, TypeError):
        return []
    return [slide for slide in slides if slide]


def _text(xml: str) -> str:
    paragraphs = []
    for paragraph in _PARAGRAPH.findall(xml):
        words = "".join("\n" if broken else unescape(run) for run, broken in _RUN.findall(paragraph))
        if words.strip():
            paragraphs.append(clean(words).strip())
    return "\n\n".join(paragraphs)
