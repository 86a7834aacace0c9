"""The extractive answer: which sentences are quoted. Pure.

Promises: at most three sentences of at most two documents, each verbatim with its own citation.

Held by tests/unit/actors/compose/test_answer_extract.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.compose.passages import Passage
from actors.compose.quotable import Sentence, quotable
from actors.messages import Answer, Citation, Status
from actors.retrieval.terms import terms

MAX_SENTENCES = 3
MAX_DOCUMENTS = 2
MAX_SCORED = 12  # sentences that the cross-encoder sees
DECLINED = "I could not find an answer to that in the documents I have."
DECLINED_IN_PART = (
    "I could not find an answer to that, but a part of my search does not work at the moment. Please ask again later."
)


def declined(*, in_part: bool = False) -> Answer:
    """``in_part``: not everything could be searched, so that the answer may be there all the same."""
    return Answer(status=Status.DECLINED, text=DECLINED_IN_PART if in_part else DECLINED)


def worth_scoring(question: str, passages: Sequence[Passage]) -> list[Sentence]:
    """The sentences to score, at most ``MAX_SCORED``: those of the best passage first, then by shared words."""
    wanted = set(terms(question))
    found: dict[str, tuple[tuple[int, int], Sentence]] = {}
    for rank, passage in enumerate(passages):
        for sentence in quotable(question, passage):
            shared = len(wanted & set(terms(sentence.judged())))
            found.setdefault(sentence.text, ((0 if rank == 0 else 1, -shared), sentence))
    ordered = sorted(found.values(), key=lambda item: item[0])
    return [sentence for _, sentence in ordered[:MAX_SCORED]]


def choose(sentences: Sequence[Sentence], scores: Sequence[float], distance: float) -> list[Sentence]:
    """The sentences to quote: the best, and others within ``distance`` of it; documents by their best sentence."""
    ranked = sorted(zip(scores, range(len(sentences)), strict=True), key=lambda item: (-item[0], item[1]))
    kept: list[Sentence] = []
    documents: list[str] = []
    for score, at in ranked:
        sentence = sentences[at]
        document = sentence.passage.evidence.document_id
        if score < ranked[0][0] - distance or len(kept) == MAX_SENTENCES:
            break
        if any(sentence.overlaps(other) for other in kept):
            continue
        if document not in documents:
            if len(documents) == MAX_DOCUMENTS:
                continue
            documents.append(document)
        kept.append(sentence)
    return sorted(kept, key=lambda s: (documents.index(s.passage.evidence.document_id), _position(s)))


def extract(chosen: Sequence[Sentence]) -> Answer:
    """``chosen`` as an answer; declined when there is none."""
    if not chosen:
        return declined()
    citations = tuple(cite(n, sentence) for n, sentence in enumerate(chosen, start=1))
    text = " ".join(f"{citation.quote} [{citation.n}]" for citation in citations)
    return Answer(status=Status.ANSWERED, text=text, citations=citations)


def cite(n: int, sentence: Sentence) -> Citation:
    evidence = sentence.passage.evidence
    return Citation(
        n=n,
        document_id=evidence.document_id,
        chunk_id=evidence.chunk_id,
        quote=sentence.text,
        title=evidence.title,
    )


def _position(sentence: Sentence) -> int:
    return sentence.passage.evidence.start + sentence.start
