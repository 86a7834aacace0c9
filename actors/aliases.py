"""What else a thing may be called: without its title or legal form, by initial, family name first.

Promises: pure; two names count as one thing only where nothing in them speaks against it: other first names, other
middle initials, "Mr" and "Mrs", "Ltd" and "GmbH" keep apart; a family name alone never names somebody.

Held by tests/unit/actors/test_aliases.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actors.names import fold, name_key

ALIAS = "alias"  # the type of the entries below which names are filed
SAME_AS, MAY_BE = "same_as", "may_be"  # relations between two names of one thing; the second while nobody else is meant

_LEGAL: Mapping[str, str] = {
    **dict.fromkeys(("ltd", "limited"), "ltd"),
    **dict.fromkeys(("inc", "incorporated"), "inc"),
    **dict.fromkeys(("corp", "corporation"), "corp"),
    **dict.fromkeys(("co", "company", "pty", "pvt"), ""),  # say nothing beside another form, and little alone
    **{
        each: each for each in re.findall(r"\w+", "llc llp lp plc gmbh ag kg ug se bv nv sa sas sarl srl spa oy ab aps")
    },
}
_TITLES: Mapping[str, str] = {
    **dict.fromkeys(("mr", "sir", "herr", "lord"), "m"),
    **dict.fromkeys(("mrs", "ms", "miss", "dame", "frau", "lady", "mme", "madame"), "f"),
    **dict.fromkeys(("dr", "prof", "professor", "rev", "capt", "captain"), ""),
}
_PEOPLE = frozenset(
    re.findall(r"\w+", "person customer client buyer patient guest employee subscriber contact member user student")
)
_UNSURE = frozenset({"term", "topic", ""})
_ARTICLE = re.compile(r"^\W*(?:the|an?)\s+(?=\S)", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,;]+")
_MAX_WORDS = 6
_SHORTEST_CORE, _SHORTEST_FAMILY = 3, 3


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name taken apart. ``words`` are folded, without title and legal form."""

    words: tuple[str, ...]
    gender: str = ""  # as a title tells it: "m", "f"
    legal: str = ""  # the canonical legal form
    person: bool = False

    @property
    def key(self) -> str:
        return "".join(self.words)

    @property
    def initial(self) -> str:
        """First letter and family name, where the name can be a person's; else empty."""
        able = 2 <= len(self.words) <= 4 and not self.legal and all(word.isalpha() for word in self.words)
        if not able or len(self.words[-1]) < _SHORTEST_FAMILY:
            return ""
        return f"{self.words[0][0]}:{self.words[-1]}"


def is_person(type: str) -> bool:
    """Whether entities of a type are people."""
    return type.rsplit("_", 1)[-1] in _PEOPLE


def spelling(name: str, type: str = "") -> Spelling:
    """``type`` is the entity's, where it is known: only a person's "Bright, Ada" is turned round."""
    person = is_person(type)
    if person and name.count(",") == 1:
        family, _, first = name.partition(",")
        if first.strip() and not _legal_tail([_plain(word) for word in first.split()]):
            name = f"{first.strip()} {family.strip()}"
    if not person:  # whose "A Bright" has an initial and no article
        name = _ARTICLE.sub("", name)
    words = [plain for word in _SPLIT.split(name)[: _MAX_WORDS + 3] if (plain := _plain(word))]
    gender = ""
    while len(words) > 2 and words[0] in _TITLES and (person or type in _UNSURE):
        gender = _TITLES[words[0]] or gender
        words = words[1:]
    tail = _legal_tail(words)
    forms = [each for word in tail if (each := _LEGAL.get(word, ""))]
    if person and not any(len(form) > 2 for form in forms):
        tail, forms = [], []  # "Ana Sa" is called so; "Quay Lamps GmbH" is no person, whatever was recognised
    return Spelling(tuple(words[: len(words) - len(tail)]), gender, " ".join(forms), person and not forms)


def filed_under(name: str, type: str) -> list[str]:
    """The alias entries that a name is filed below, beside its own id."""
    told = spelling(name, type)
    found = [f"alias:core:{told.key}"] if told.key != name_key(name) and len(told.key) >= _SHORTEST_CORE else []
    if told.initial and (told.person or (type in _UNSURE and len(told.words[0]) == 1)):
        found.append(f"alias:initial:{told.initial}")
    return found


def sought_under(name: str, type: str = "") -> list[str]:
    """Where other spellings of a name may be found: entity ids, and alias entries."""
    told = spelling(name, type)
    core = told.key
    if len(core) < _SHORTEST_CORE:
        return []
    found = [f"alias:core:{core}"] + ([f"name:{core}"] if core != name_key(name) else [])
    return [*found, f"alias:initial:{told.initial}"] if told.initial else found


def same(one: Spelling, other: Spelling) -> bool:
    """Whether two spellings may mean one thing, as far as the two alone can tell."""
    if one.gender and other.gender and one.gender != other.gender:
        return False
    if one.key == other.key:
        return not (one.legal and other.legal and one.legal != other.legal)
    return bool(one.initial) and one.initial == other.initial and _same_person(one.words, other.words)


def all_same(spellings: Sequence[Spelling]) -> bool:
    """Whether any two of them may mean one thing."""
    return all(same(one, other) for at, one in enumerate(spellings) for other in spellings[at + 1 :])


def agreeing(anchor: Spelling, others: Mapping[str, Spelling]) -> list[str]:
    """Those of ``others`` that mean what ``anchor`` means; where somebody could mean two of them, only equal names.

    "A. Bright" is Ada Bright while there is no Anna Bright: whoever could be either makes that group say nothing.
    """
    group, todo = {"": anchor}, [anchor]
    while todo:
        near = todo.pop()
        for name, each in others.items():
            if name not in group and same(near, each):
                group[name] = each
                todo.append(each)
    if all_same(list(group.values())):
        return [name for name in group if name]
    return [
        name
        for name, each in group.items()
        if name and (each.key, each.legal, each.gender) == (anchor.key, anchor.legal, anchor.gender)
    ]


def _same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """First names equal or one an initial of the other; middle names likewise, as far as both tell them."""
    pairs = [(one[0], other[0]), *zip(one[1:-1], other[1:-1], strict=False)]
    return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)


def _legal_tail(words: Sequence[str]) -> list[str]:
    """The words of the legal form at a name's end; "and" joins two of them ("GmbH & Co. KG")."""
    at = len(words)
    while at > 1 and (words[at - 1] in _LEGAL or (at < len(words) and words[at - 1] == "and")):
        at -= 1
    return list(words[at:])


def _plain(word: str) -> str:
    """A word as it is compared: "S.p.A." and "spa", "&" and "and" are one."""
    if word in ("&", "+"):
        return "and"
    told = fold(word.removesuffix("'s").removesuffix("’s"))
    return "".join(char for char in told if char.isalnum() or unicodedata.category(char)[0] == "M")
