"""The text predicate of a question: which words say what a mail must say ("complained to us about late parcels").

Owns the English of complaining, praising, asking and requesting. Pure: a question in lower case, with its dates cut
out to ``⟦n⟧``, gives the predicate's span, intent and topic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actors.retrieval.set_question.lexicon import PROBLEM_NOUNS, PROBLEM_WORDS, singular
from actors.retrieval.set_question.topics import known_topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``start``/``end`` in the question; ``noun`` where the predicate itself is what is counted ("complaints")."""

    start: int
    end: int
    intent: str
    topic: str
    noun: bool = False


_DATE = r"(?:⟦\d+⟧)"
_GAP = rf"(?:\s*,?\s*{_DATE})?"
_TO_US = (
    r"(?:\s+(?:to|with|at)\s+(?:us|our\s+\w+|the\s+(?:shop|store|company|team|business|support))"
    r"|\s+(?:by|via|through|over|per|in)\s+(?:an?\s+|their\s+|writing|the\s+)?(?:e-?mails?|mails?|letters?|messages?)?"
    r"|\s+in\b|\s+us\b|\s+back\b)"
)
_PREP = (
    r"(?:about|over|of|regarding|concerning|with|at|by|on|for|because\s+of|due\s+to|that|because|when|how|related\s+to|"
    r"relating\s+to|to\s+do\s+with|as\s+to|around|in\s+connection\s+with|in\s+relation\s+to|against)"
)
_ADVERB = r"(?:very|so|really|quite|rather|extremely|visibly|clearly|less\s+than|far\s+from|deeply|particularly|openly)"
_UNHAPPY = (
    r"(?:unhappy|dissatisfied|unsatisfied|displeased|upset|annoyed|frustrated|angry|disappointed|irritated|cross|"
    r"furious|fed\s+up|disgruntled|discontent(?:ed)?|irate|not\s+(?:\w+\s+)?(?:happy|satisfied|pleased|content|impressed))"
)
_HAPPY = r"(?:happy|pleased|satisfied|delighted|thrilled|glad|content|impressed)"
_PROBLEM = (
    r"(?:complaints?|problems?|issues?|troubles?|concerns?|grievances?|dissatisfaction|frustration|displeasure|"
    r"annoyance|difficult(?:y|ies)|criticism|bad\s+experiences?|trouble)"
)
_HAVING = (
    r"(?:made|make|making|filed|file|sent|send|sending|submitted|submit|lodged|lodge|raised|raise|wrote|write|had|have|"
    r"having|has|reported|report|reporting|registered|voiced|expressed|expressing|experienced|experience|encountered|"
    r"faced|logged|brought\s+up|mentioned|flagged|ran\s+into|run\s+into|got|with|suffered(?:\s+from)?|came\s+to\s+us)"
)
_BE = r"(?:(?:was|were|is|are|been|being|be|felt|feel|feeling|feels|became|got|sounded|seemed|seem|had\s+been)\s+)"
_CONTACT = (
    r"(?:wrote|write|writing|written|e-?mailed|mailed|contacted|messaged|got\s+in\s+touch|reached\s+out|came\s+back|"
    r"turned\s+to\s+us)"
)
_ADJECTIVES = r"(?:(?:a|an|any|some|their|several|formal|written|angry|serious|the|one\s+or\s+more|many|more)\s+)*"

# (intent, counts itself, pattern). The first that matches earliest wins; "topic" and "before" are what it is about.
_PATTERNS: tuple[tuple[str, bool, re.Pattern[str]], ...] = tuple(
    (intent, noun, re.compile(pattern))
    for intent, noun, pattern in (
        (
            "complain",
            False,
            rf"\b(?:{_CONTACT}{_TO_US}*{_GAP}\s+to\s+)?(?:complain(?:ed|s|ing)?|grumbl\w+|moan(?:ed|ing)?|grip(?:ed|ing)|"
            rf"protest(?:ed|ing)?|whin(?:ed|ing))\b{_TO_US}*{_GAP}(?:\s+{_PREP}\s+(?P<topic>.+))?",
        ),
        (
            "complain",
            False,
            rf"\b(?:{_CONTACT}{_TO_US}*{_GAP}\s+)?{_BE}?(?:{_ADVERB}\s+)*{_UNHAPPY}\b{_GAP}(?:\s+{_PREP}\s+(?P<topic>.+))?",
        ),
        (
            "complain",
            False,
            rf"\b{_HAVING}{_TO_US}*\s+{_ADJECTIVES}(?P<before>(?:[\w-]+\s+){{0,3}}?){_PROBLEM}\b{_TO_US}*{_GAP}"
            rf"(?:\s+(?:{_PREP}\s+(?P<topic>.+)|(?P<topic_doing>[a-z]+ing\s+.+)))?",
        ),
        ("complain", False, r"\bcriticis?z?ed\s+(?P<topic>.+)"),
        (
            "complain",
            False,
            r"\b(?P<topic>(?:whose|did\s+not|didn['’]?t|never|had\s+not|hadn['’]?t|have\s+not|haven['’]?t)\s+"
            r"(?:[\w'’]+\s+){0,6}?(?:late|lost|missing|damaged|broken|wrong|delayed|arriv\w*|receiv\w*|came|turn\w*|"
            r"deliver\w*|get|got|show\w*|reach\w*|work\w*)\b.*)",
        ),
        (
            "complain",
            False,
            r"\b(?P<topic>(?:received|got|were\s+sent)\s+(?:an?\s+|the\s+)?(?:broken|damaged|wrong|faulty|defective|late|"
            r"incomplete)\b.+)",
        ),
        (
            "complain",
            True,
            rf"\b(?P<before>(?:[\w-]+\s+){{0,2}}?)complaints?\b{_TO_US}*{_GAP}(?:\s+{_PREP}\s+(?P<topic>.+))?",
        ),
        (
            "praise",
            False,
            r"\b(?:prais(?:ed|e|es|ing)|compliment(?:ed|s|ing)?|thank(?:ed|s|ing)?|lik(?:ed|es|e)|lov(?:ed|es|e)|"
            rf"said\s+(?:something\s+)?(?:nice|good|kind)(?:\s+things)?){_TO_US}*{_GAP}"
            rf"(?:\s+(?:for|about|on))?\s+(?P<topic>.+)",
        ),
        ("praise", False, rf"\b{_BE}(?:{_ADVERB}\s+)*{_HAPPY}\b{_GAP}(?:\s+{_PREP}\s+(?P<topic>.+))?"),
        (
            "ask",
            False,
            rf"\b(?:(?:ask(?:ed|s|ing)?|enquir(?:ed|es|ing)|inquir(?:ed|es|ing)){_TO_US}*{_GAP}\s+"
            r"(?:about|whether|when|how|after|regarding|what|where)|wanted\s+to\s+know(?:\s+about)?|"
            rf"(?:had|have|sent)\s+(?:a\s+)?questions?{_TO_US}*\s+(?:about|on|regarding))\s+(?P<topic>.+)",
        ),
        (
            "request",
            False,
            rf"\b(?:ask(?:ed|s|ing)?{_TO_US}*{_GAP}\s+(?:for|to)|request(?:ed|s|ing)?(?:\s+(?:for|to))?|"
            r"demand(?:ed|s|ing)?|want(?:ed|s|ing)?(?:\s+to)?|wish(?:ed|es)?\s+(?:to|for)|would\s+like(?:\s+to)?|"
            rf"appl(?:ied|y)\s+for|insist(?:ed)?\s+on)\s+(?P<topic>.+)",
        ),
        (
            "mention",
            False,
            rf"\b(?:told\s+(?:us|our\s+\w+)|said|wrote(?:\s+to)?(?:\s+us)?|claimed|informed\s+us|let\s+us\s+know){_GAP}\s+"
            r"(?:that\s+|of\s+|about\s+)(?P<topic>.+)",
        ),
        (
            "mention",
            False,
            rf"\b(?:mention(?:ed|s|ing)?|talk(?:ed|ing)?\s+about|spoke\s+(?:about|of)|brought\s+up|raised|reported|"
            rf"report|flagged|{_CONTACT}{_TO_US}*{_GAP}\s+{_PREP})\s+(?P<topic>.+)",
        ),
    )
)  # fmt: skip

_QUESTION = (
    r"(?:what|which|who|whose|how|list|show|tell|give|name|include|their|the\s+(?:products?|items?|articles?|goods|orders?|"
    r"things|names?)|also|all|everything|every|any|products?|items?|orders?|can|could|please|for\s+each|then|say|"
    r"(?:the\s+)?(?:contents?|list))\b"
)
_END = re.compile(
    rf"\s*[?.!:;]|\s*,?\s+(?:and|plus)\s+(?:also\s+|then\s+|please\s+|for\s+each\s+(?:of\s+\w+|one|customer|\w+)?,?\s*)?{_QUESTION}"
    rf"|\s*,\s*(?:and\s+)?(?:{_QUESTION}|with\b|along\b|together\b|as\s+well\b|including\b)"
    r"|\s+(?:along|together)\s+with\b|\s+as\s+well\s+as\b|\s+with\s+(?:all\s+)?(?:their|the|what)\b"
    r"|\s+and\s+(?:lives?|living|(?:is|are|was|were)\s+(?:from|in)|comes?|bought|ordered|purchased)\b"
    r"|\s+(?:did|have|had|do)\s+(?:we|you|our\s+\w+)\b|\s+(?:were|was|are|is)\s+there\b"
    r"|\s+(?:came\s+in|reached\s+us|came\s+to\s+us|arrived\s+by)\b"
    r"|\s*[–—]\s|\s+-\s"
)
_TAIL_VERB = re.compile(
    r"\s+(?:(?:have|had|has|did|do)\s+)?(?:order(?:ed)?|buy|bought|purchased?|get|got|(?:placed?|made?)(?:\s+orders?)?)"
    rf"(?:\s+(?:from\s+us|before|in\s+total|so\s+far|{_DATE}))*\s*\??\s*$"
)
_DID_HEAD = re.compile(
    r"(?:^|[,.:;]\s*|\s)(?:what|which|whose|how\s+many)\b[^?]*?\b(?:did|do|had|have|has|were|was|are)\b[^?]*$"
)
_ARTICLE = re.compile(r"^(?:(?:an?|the|our|your|their|his|her|its|any|some|about|of|with|how|being|having)\s+)+")


# Words before "problems" that belong to the question and not to the topic.
_NO_TOPIC = frozenset(
    {"the", "a", "an", "any", "all", "of", "which", "what", "who", "how", "many", "customers", "our", "list", "show",
     "me", "and", "were", "there", "us", "for", "with", "had", "have", "about", "by", "to", "from", "new", "every",
     "those", "these", "customer", "received", "get", "got", "people", "clients", "buyers", "each", "are", "did",
     "we", "other", "is", "give", "find", "that", "made", "sent", "in"}
)  # fmt: skip


def find_said(text: str) -> Said | None:
    """The predicate in a lower-case question, or None. Complaint comes before other readings of the same words."""
    best: Said | None = None
    for intent, noun, pattern in _PATTERNS:
        found = pattern.search(text)
        if found is None:
            continue
        said = _said(text, found, intent, noun)
        if said is not None and (best is None or _rank(said) < _rank(best)):
            best = said
    return best


def _rank(said: Said) -> tuple[int, int, int]:
    order = ("complain", "praise", "ask", "request", "mention")
    return (order.index(said.intent), int(said.noun), said.start)


def _said(text: str, found: re.Match[str], intent: str, noun: bool) -> Said | None:
    groups = found.groupdict()
    group = next((g for g in ("topic", "topic_doing") if groups.get(g)), None)
    end = found.end()
    raw = ""
    if group is not None:
        begin, whole = found.start(group), found[group]
        stop = _END.search(whole)
        raw = whole[: stop.start()] if stop else whole
        if _DID_HEAD.search(text[: found.start()]):
            tail = _TAIL_VERB.search(raw)
            raw = raw[: tail.start()] if tail else raw
        date_at = re.search(rf"\s*,?\s*{_DATE}", raw)
        if date_at and not raw[date_at.end() :].strip():
            raw = raw[: date_at.start()]
        end = begin + len(raw)
    start = found.start()
    before = (groups.get("before") or "").strip()
    if before:
        kept = _topic_words(before)
        if noun:
            start = found.start("before") + before.find(kept) if kept else found.start() + len(groups["before"] or "")
        raw = f"{kept} {raw}".strip()
    topic = clean_topic(raw)
    if intent == "mention":
        if set(map(singular, topic.split())) & PROBLEM_WORDS:
            intent = "complain"
        elif not topic:
            return None
    if intent in ("ask", "request", "praise") and not topic:
        return None if intent != "praise" else Said(start=start, end=end, intent=intent, topic="")
    return Said(start=start, end=max(end, start), intent=intent, topic=topic, noun=noun)


def clean_topic(raw: str) -> str:
    """A topic without dates, articles and the words that only say that there was a problem."""
    text = re.sub(_DATE, " ", raw)
    text = _ARTICLE.sub("", " ".join(text.split()).strip(" ,.?!'\"“”„"))
    words = text.split()
    while words and singular(words[-1]) in PROBLEM_NOUNS and len(words) > 1:
        words.pop()
    if (
        len(words) > 2
        and singular(words[0]) in PROBLEM_NOUNS
        and words[1] in ("with", "of", "about", "in", "regarding")
    ):
        words = words[2:]
    if len(words) == 1 and singular(words[0]) in PROBLEM_NOUNS:
        words = []
    return _ARTICLE.sub("", " ".join(words))


def narrowed_topics(topic: str, intent: str) -> tuple[str, ...]:
    """The known topics of a topic's words; what never came or arrived is about delivery."""
    if intent == "complain" and re.search(
        r"\b(?:never|not|n['’]t)\b.*\b(?:arriv|receiv|came|come|turn|deliver|get|got|show|reach)", topic
    ):
        return ("delivery",)
    return known_topics(re.sub(r'["“„].*', " ", topic), intent)


def _topic_words(before: str) -> str:
    """Of the words before "problems", those that name a topic: "who had delivery" is "delivery"."""
    words: Sequence[str] = before.split()
    kept: list[str] = []
    for word in reversed(words):
        if word in _NO_TOPIC or "⟦" in word:
            break
        kept.insert(0, word)
    return " ".join(kept)
