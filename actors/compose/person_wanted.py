"""Whether a customer asks for a person instead of the assistant. Pure: the wish is put in few words.

Held by tests/unit/actors/compose/test_person_wanted.py.
"""

from __future__ import annotations

import re

_MOST_WORDS = 25  # who writes more says what it is about, and is answered first

_EN_WHO = (
    r"(?:real |live |actual |human )*(?:human(?: being)?|person|agent|operator|representative|rep|advisor|employee|"
    r"staff(?: member)?|team member|manager|supervisor|someone|somebody)"
)
_WISHES = (
    rf"\b(?:talk|speak|chat) (?:to|with) (?:a |an |your |the |one of your )?{_EN_WHO}s?\b(?! (?:to|who|that) )",
    r"\b(?:connect|transfer|pass|put|get|give|hand) (?:me |this )?(?:over |through |on )?(?:to |with )?"
    rf"(?:a |an |your )?{_EN_WHO}\b(?! (?:to|who|that) )",
    rf"^(?:i (?:want|need|would like) |i'd like )?(?:a |an )?{_EN_WHO},?(?: please)?$",
    r"\bmit (?:einem |einer |jemandem|ihrem |ihrer )?(?:echten |richtigen )?"
    r"(?:menschen|mitarbeiter(?:in)?|person|berater(?:in)?|kollegen|kollegin)?\s*(?:sprechen|reden|verbinden|verbunden|chatten)\b",
    r"^(?:bitte )?(?:einen? )?(?:menschen?|mitarbeiter(?:in)?)(?: bitte)?$",
    r"\b(?:hablar|chatear|comunicarme|contactar) con (?:un |una |algún |alguna |su )?"
    r"(?:persona|humano|agente|asesora?|operadora?|representante|encargad[oa]|alguien)\b",
    r"\b(?:parler|discuter|échanger) (?:à|a|avec) (?:un |une |votre )?"
    r"(?:vrai |vraie )?(?:personne|humain|conseill(?:er|ère)|agent|opérateur|responsable|quelqu'un)\b",
    r"\bfalar com (?:um |uma |o |a )?(?:pessoa|humano|atendente|agente|operadora?|gerente|alguém)\b",
    r"\bparlare con (?:un |una |un')?(?:persona|umano|operatore|operatrice|agente|qualcuno)\b",
    r"\b(?:praten|spreken) met (?:een )?(?:echt )?(?:mens|persoon|medewerker|iemand)\b",
    r"(?:किसी |एक )?(?:इंसान|व्यक्ति|आदमी|एजेंट) से बात",
    r"(?:التحدث|اتحدث|أتحدث|الكلام|اتكلم|أتكلم) (?:مع|إلى|الى) (?:شخص|موظف|إنسان|انسان|أحد)",
)
_WISH = re.compile("|".join(f"(?:{wish})" for wish in _WISHES))


def person_wanted(text: str) -> bool:
    said = " ".join(text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    if len(said.split(" ")) > _MOST_WORDS:
        return False
    return _WISH.search(said.rstrip(" .!?…")) is not None
