from __future__ import annotations

import pytest

from actors.compose.person_wanted import person_wanted


@pytest.mark.parametrize(
    "text",
    [
        "Can I talk to a human?",
        "I want to speak with a real person please",
        "Please connect me with an agent",
        "transfer me to a live agent!",
        "Human, please.",
        "I'd like a person",
        "put me through to someone",
        "Let me chat with your staff",
        "Ich möchte mit einem Menschen sprechen.",
        "Kann ich mit einem Mitarbeiter reden?",
        "Bitte mit einem Berater verbinden",
        "Quiero hablar con una persona",
        "¿Puedo hablar con alguien?",
        "Je voudrais parler à un conseiller",
        "Je veux parler avec quelqu’un",
        "Quero falar com um atendente",
        "Vorrei parlare con un operatore",
        "Kan ik een medewerker spreken met iemand? Ik wil spreken met een medewerker",
        "मुझे किसी इंसान से बात करनी है",
        "أريد التحدث مع موظف",
    ],
)
def test_who_asks_for_a_person_is_understood(text: str) -> None:
    assert person_wanted(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Within how many days may goods be returned?",
        "Does your agent in Chennai talk to suppliers?",
        "How many persons fit into the tent?",
        "Who is the manager of the shop?",
        "Ist das Zelt für vier Menschen?",
        "What does a person need to bring for the talk?",
        "My father has talked to the person who delivered the lamp, and she said that it was broken before; "
        "what do I have to do now so that I get my money back, and how long does that take?",
        "¿Cuántas personas hablan español?",
    ],
)
def test_who_does_not_is_answered(text: str) -> None:
    assert not person_wanted(text)
