"""Citations of a set answer: the sentence of a mail, the line of a row, verbatim in the chunk that holds it.

Promises: ``quote`` stands verbatim in the chunk; what cannot be found so is not cited.

Held by tests/integration/test_set_question.py and tests/integration/answers/test_set_questions_generalise.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from actors.messages import Citation
from actors.names import fold
from actors.ports import LiveDocument, VectorFilter, VectorHit, VectorStore
from actors.retrieval.set_question.walk import Row

MAX_CITATIONS = 40
_MAX_SEARCHES = 10
_QUOTE = 400


@dataclass(slots=True)
class Quoter:
    """Collects citations of one answer; asks the vector store for chunks once per batch."""

    vectors: VectorStore
    live: dict[str, LiveDocument]
    citations: list[Citation] = field(default_factory=list)
    _chunks: dict[str, VectorHit] = field(default_factory=dict)
    _searches: int = 0

    async def load(self, rows: Sequence[Row]) -> None:
        """Fetch the chunks that tell these rows."""
        wanted = {s.chunk_id for row in rows for s in row.supports} - set(self._chunks)
        for at in range(0, len(wanted), 100):
            for hit in await self.vectors.fetch(sorted(wanted)[at : at + 100]):
                self._chunks[hit.chunk_id] = hit

    async def sentence(self, mail: Row, sentence: str) -> int | None:
        """Cite a sentence of a mail; the citation's number, or None."""
        if len(self.citations) >= MAX_CITATIONS or not sentence:
            return None
        for support in mail.supports:
            hit = self._chunks.get(support.chunk_id)
            quote = verbatim(sentence, hit.text) if hit else None
            if hit is not None and quote:
                return self._cite(hit, quote)
        if self._searches < _MAX_SEARCHES and mail.supports:
            self._searches += 1
            where = VectorFilter(document_ids=frozenset({mail.supports[0].document_id}))
            for hit in await self.vectors.keyword(sentence[:200], 5, where):
                quote = verbatim(sentence, hit.text)
                if quote and self._is_live(hit):
                    return self._cite(hit, quote)
        return None

    def row(self, row: Row) -> int | None:
        """Cite the line that tells a table's row; the citation's number, or None."""
        if len(self.citations) >= MAX_CITATIONS:
            return None
        for support in row.supports:
            hit = self._chunks.get(support.chunk_id)
            line = line_of(row, hit.text) if hit else None
            if hit is not None and line:
                return self._cite(hit, line)
        return None

    def _is_live(self, hit: VectorHit) -> bool:
        document = self.live.get(hit.document_id)
        return document is not None and document.version == hit.version

    def _cite(self, hit: VectorHit, quote: str) -> int:
        for old in self.citations:
            if old.chunk_id == hit.chunk_id and old.quote == quote:
                return old.n
        document = self.live.get(hit.document_id)
        n = len(self.citations) + 1
        title = document.title if document else ""
        self.citations.append(
            Citation(n=n, document_id=hit.document_id, chunk_id=hit.chunk_id, quote=quote, title=title)
        )
        return n


def verbatim(sentence: str, text: str) -> str | None:
    """The sentence as it stands in the text (white space may differ), cut at a word where it is very long."""
    words = sentence.split()
    while words and len(" ".join(words)) > _QUOTE:
        words.pop()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return found.group(0) if found else None


def line_of(row: Row, text: str) -> str | None:
    """The line of a chunk that holds most of a row's cells, its key among them where the row has one."""
    cells = [fold(str(v)) for v in row.cells.values() if v is not None and str(v).strip()]
    best, most = None, 1
    for line in text.split("\n"):
        folded = fold(line)
        hits = sum(1 for cell in cells if cell in folded)
        if hits > most or (hits == most == len(cells)):
            best, most = line.strip(), hits
    return best[:_QUOTE] if best and most * 2 >= len(cells) else None
