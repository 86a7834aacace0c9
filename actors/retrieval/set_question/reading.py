"""A question's shape, read without the tenant's data: what is asked for, under which predicate, dates and words.

Promises: pure and strict; every content word of the question is accounted for, or it is kept in ``open`` for the linker
to find among the tenant's names and values (and where it finds nothing, the question is no set question).

Held by tests/unit/actors/retrieval/set_question/test_reading.py and
tests/unit/actors/retrieval/set_question/test_plan.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from actors.dates import DateSpan, find_dates
from actors.retrieval.set_question.lexicon import (
    COMPLAINT_NOUNS,
    FUNCTION_WORDS,
    MAIL_NOUNS,
    NOT_OUTSIDE_POLITE,
    ORDER_NOUNS,
    ORDER_VERBS,
    OUT_OF_REACH,
    PERSON_NOUNS,
    PRODUCT_NOUNS,
    singular,
)
from actors.retrieval.set_question.predicate import Said, find_said
from actors.retrieval.set_question.query import Aim, Role

POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|and|now|well|please)[\s,!.]+)*"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+|kindly\s+)?|please\s+|kindly\s+|i(?:['’]d|\s+would)?\s+(?:like|want|need)\s+"
    r"(?:you\s+)?(?:to\s+(?:know|see|have|get)\s+|a\s+list\s+of\s+)?|(?:do\s+you\s+know|let\s+me\s+know|"
    r"i\s+(?:want|need)\s+to\s+(?:know|see))\s+|tell\s+(?:me|us)\s+|find\s+out\s+|help\s+me\s+(?:find|list)\s+)*"
    r"(?:please\s+|also\s+)?",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"\b(?P<count>how\s+many|(?:the\s+)?(?:total\s+)?number\s+of|count(?:\s+of)?)\b|\b(?P<who>who|whose|whom)\b"
    r"|\b(?P<which>which|what)\b|\b(?P<list>list|show|give|name|display|find|identify|get|all)\b"
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.@_/+#][^\W_]+)*|#\w+")
_QUOTED = re.compile(r"[\"“”„']([^\"“”„']{2,80})[\"“”'](?!\w)")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_DWELLING = re.compile(r"(?:live|lives|lived|living|reside|resides|residing|based|located|situated)\s+(?:in|at|near)\b")
MAX_QUESTION = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words that the reader cannot place; ``quoted`` where the question marks them as a name."""

    start: int
    end: int
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWord:
    """A noun or verb that names a role."""

    start: int
    role: Role
    word: str
    verb: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the reader understood. Positions are in ``text``."""

    text: str
    aim: Aim
    head: int
    target: RoleWord | None  # None: the head's noun is not one of the roles (it may be a type of the tenant's)
    explicit: bool  # "list all …", "how many …": a set without any condition may be meant
    said: Said | None
    dates: tuple[DateSpan, ...]
    roles: tuple[RoleWord, ...]
    open: tuple[Mention, ...]

    def role(self, role: Role, *, after: int = -1) -> RoleWord | None:
        """The first word of a role behind a place."""
        return next((each for each in self.roles if each.role == role and each.start > after), None)


def read_question(question: str, as_of: date, known: frozenset[str] = frozenset()) -> Shape | None:
    """The shape of a set question, or None. ``known`` are words of the tenant's own types and columns."""
    text = " ".join(question.split())[:MAX_QUESTION]
    polite = POLITE.match(text)
    text = text[polite.end() :] if polite else text
    lower = text.casefold()
    if len(lower) != len(text):  # letters that change length when folded: offsets would not hold
        lower = text.lower() if len(text.lower()) == len(text) else text
    dates = tuple(find_dates(text, as_of))
    masked = mask(lower, dates)
    head = _HEAD.search(masked)
    said = find_said(masked)
    if head is None:
        return None
    hidden = [(d.start, d.end) for d in dates] + ([(said.start, said.end)] if said else [])
    open_, roles = _words(text, lower, hidden, known)
    if any(mention is None for mention in open_):
        return None
    if said is not None and said.noun:
        roles = [*roles, RoleWord(start=said.start, role="mail", word="complaint")]
    roles.sort(key=lambda each: each.start)
    aim: Aim = "count" if head["count"] else "list"
    target = _target(lower, head, roles, hidden)
    explicit = bool(head["count"] or head["list"])
    mentions = tuple(m for m in open_ if m is not None)
    return Shape(
        text=text,
        aim=aim,
        head=head.start(),
        target=target,
        explicit=explicit,
        said=said,
        dates=dates,
        roles=tuple(roles),
        open=_runs(text, mentions),
    )


def mask(text: str, dates: Sequence[DateSpan]) -> str:
    """The text with each date replaced by ``⟦n⟧`` of the same length."""
    out = list(text)
    for number, span in enumerate(dates):
        width = span.end - span.start
        marker = f"⟦{str(number % 10) * max(1, width - 2)}⟧"
        out[span.start : span.end] = marker[:width] if width >= 3 else "⟦0⟧"[:width]
    return "".join(out)


def _target(
    lower: str, head: re.Match[str], roles: Sequence[RoleWord], hidden: Sequence[tuple[int, int]]
) -> RoleWord | None:
    """The role that the head asks for: the noun nearest behind it; "who" is a person; "what did X order" a product."""
    if head["who"]:
        return RoleWord(start=head.start(), role="person", word="customer")
    between: list[RoleWord] = []
    for each in roles:
        if each.start < head.start() or each.verb:
            continue
        gap = lower[head.end() : each.start]
        strange = [w for w in _WORD.findall(gap) if w not in FUNCTION_WORDS and singular(w) not in PERSON_NOUNS]
        passed = any(head.end() <= start < each.start for start, _ in hidden)
        did = re.search(r"\b(?:did|do|does|had|have|has|were|was)\b", gap)
        if not strange and not passed and not (did and head["which"] and not gap.strip().startswith("of")):
            between.append(each)
            break
    if between:
        return between[0]
    verb = next((each for each in roles if each.verb and each.start > head.start()), None)
    if head["which"] and verb is not None:
        return RoleWord(start=head.start(), role="product", word="product")
    return None


def _words(
    text: str, lower: str, hidden: Sequence[tuple[int, int]], known: frozenset[str]
) -> tuple[list[Mention | None], list[RoleWord]]:
    """The words outside dates and predicate: what is unplaced (None for a word that rules a set question out)."""
    open_: list[Mention | None] = []
    roles: list[RoleWord] = []
    taken = list(hidden)
    for quoted in _QUOTED.finditer(text):
        if not _within(quoted.start(), hidden):
            open_.append(Mention(start=quoted.start(), end=quoted.end(), text=quoted[1], quoted=True))
            taken.append((quoted.start(), quoted.end()))
    for address in _ADDRESS.finditer(text):
        if not _within(address.start(), taken):
            open_.append(Mention(start=address.start(), end=address.end(), text=address[0], quoted=True))
            taken.append((address.start(), address.end()))
    for found in _WORD.finditer(lower):
        if _within(found.start(), taken):
            continue
        word = found[0].replace("’", "'")
        bare = re.sub(r"'s?$", "", word)
        role = _role(bare)
        if bare in ("get", "got", "place", "receive") and re.search(r"\b(?:we|you|us)\s*$", lower[: found.start()]):
            role = None  # "how many did we get"
        inside_name = _capital(text, found.start())
        if role is not None and (not inside_name or role[0] == "person"):
            roles.append(RoleWord(start=found.start(), role=role[0], word=singular(bare), verb=role[1]))
            continue
        if not inside_name and (bare in OUT_OF_REACH or bare in NOT_OUTSIDE_POLITE):
            open_.append(None)
        elif _DWELLING.match(lower, found.start()):
            continue  # "live in Kochi": the place is the condition
        elif inside_name or (bare not in FUNCTION_WORDS and singular(bare) not in known):
            open_.append(
                Mention(
                    start=found.start(),
                    end=found.start() + len(bare),
                    text=text[found.start() : found.start() + len(bare)],
                )
            )
        elif bare not in FUNCTION_WORDS:
            roles.append(RoleWord(start=found.start(), role="other", word=singular(bare)))
    return open_, roles


def _capital(text: str, at: int) -> bool:
    """Whether the word is written as part of a name: a capital that begins no sentence."""
    begins = at == 0 or text[:at].rstrip().endswith((".", "?"))
    return text[at].isupper() and not begins and not text.isupper()


def _role(word: str) -> tuple[Role, bool] | None:
    noun = singular(word)
    if noun in PERSON_NOUNS:
        return "person", False
    if noun in COMPLAINT_NOUNS or noun in MAIL_NOUNS:
        return "mail", False
    if word in ORDER_VERBS and word not in ("orders", "purchases"):
        return "order", True
    if noun in ORDER_NOUNS:
        return "order", False
    if noun in PRODUCT_NOUNS:
        return "product", False
    return None


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _runs(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Neighbouring unplaced words make one mention ("Anna Berg")."""
    out: list[Mention] = []
    for each in sorted(mentions, key=lambda m: m.start):
        if (
            out
            and not each.quoted
            and not out[-1].quoted
            and re.fullmatch(r"['’]?s?[\s&.-]*", text[out[-1].end : each.start])
        ):
            out[-1] = Mention(start=out[-1].start, end=each.end, text=text[out[-1].start : each.end])
        else:
            out.append(each)
    return tuple(out)
