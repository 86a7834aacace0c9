"""What turns a sentence's meaning about, counted: "feared", "not", "but", "others". A sentence vector blurs them.

Owns general English only: words of expectation, denial, contrast and comparison, of praise and of trouble. Pure.
Which of them matter for what is fitted with the network (``bench/set_question/calibrate.py``).

Held by tests/unit/actors/retrieval/set_question/test_cues.py.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

_MOST = 3  # of a kind that count
_SCALE = 0.12  # beside the numbers of a unit vector; of .03, .06, .12 and .2 the best on mails held out


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(' '.join(alternatives).split())})\b".replace("_", " "), re.IGNORECASE)


_KINDS = {
    "expected": _words(
        r"fear(?:ed|ing)? afraid worr(?:y|ied|ies) expect(?:ed|ing|ation)?s? dread(?:ed)? brac(?:ed|ing)",
        r"prepared_for prepared_to ready_for ready_to thought believed? assumed? reckon(?:ed)? bet suppos(?:ed|e)",
        r"imagined? doubt(?:ed|s)? s[ck]epti\w+ written_off wrote_(?:it|them|my_\w+)_off given_up gave_up resigned",
        r"guess(?:ed)? was_sure were_sure would_(?:be|have|come|take|arrive|never|get|end) surely as_usual used_to",
        r"(?:could|might|should)_have could_easily_have normally usually people_say they_say told_me heard reputation",
        r"rumou?r warned predicted prophesied bound_to",
    ),
    "denied": re.compile(r"\b(?:no|not|never|none|nothing|nobody|neither|nor|without|hardly|cannot)\b|n't\b", re.I),
    "contrast": _words(
        "but yet however instead although though nevertheless still despite in_spite on_the_contrary far_from",
        "rather_than whereas until only",
    ),
    "others": _words(
        "others? elsewhere anywhere_else anyone_else nowhere competitors? previous former last_(?:shop|firm|company)",
        "last_(?:one|time) old_(?:one|shop) unlike than_(?:you|yours|any) most",
    ),
    "good": _words(
        r"thank\w* great good lovely wonderful\w* perfect\w* excellent super happy pleased delighted brilliant praise",
        r"compliments? kind(?:ly|ness)? friendly helpful polite best nice love like glad grateful respect well_done",
        r"hats?_off bravo chapeau recommend\w* impress\w* surpris\w* satisf\w* content joy delicious keep_it_up",
        r"stars? smil\w+ laugh\w* spotless intact unharmed safe(?:ly)? whole dry",
    ),
    "bad": _words(
        r"late lost broken damaged wrong delay\w* missing bad poor terrible awful horrible worst annoy\w* angry cross",
        r"disappoint\w* unacceptable ridiculous shame disgrace scandal rude useless waste fail\w* fault\w* defect\w*",
        r"torn crushed wet soaked cracked scratch\w* leak\w* dirty cold stolen complain\w* problem\w* trouble sorry",
        r"unfortunately sadly regret\w* waiting waited wait overcharged twice",
    ),
    "early": _words(
        r"early earlier sooner before ahead already on_time punctual\w* to_the_minute on_the_dot as_promised as_agreed",
        r"next_day next_morning same_day same_evening quick\w* fast\w* swift\w* prompt\w* at_once in_no_time within",
    ),
    "asks": re.compile(r"\?"),
    "cries": re.compile("!"),
    "before": _words("i_had i'd we_had we'd my_(?:wife|husband|mother|father|son|daughter|neighbour)"),
}
_PLACED = ("good", "bad", "early", "denied", "contrast", "expected")  # what comes last decides
CUES = len(_KINDS) + len(_PLACED)


def cues(text: str) -> npt.NDArray[np.float64]:
    """(CUES,): how often each kind of word stands in a text, and how far into it the last of some kinds."""
    found = {kind: [match.start() for match in words.finditer(text)] for kind, words in _KINDS.items()}
    counts = [min(_MOST, len(places)) for places in found.values()]
    last = [max(found[kind], default=-1) / max(1, len(text)) for kind in _PLACED]
    return np.array([*counts, *last]) * _SCALE
