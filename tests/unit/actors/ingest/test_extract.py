from __future__ import annotations

from collections.abc import Iterator, Sequence

from actors.ingest.chunk import Chunk
from actors.ingest.extract import Extraction, Extractor
from actors.ingest.parsed import Parsed


class Listed:
    """A recogniser that knows a list of names."""

    def __init__(self, **names: str) -> None:
        self._names = {name.replace("_", " "): label for name, label in names.items()}
        self.asked: list[str] = []

    def find(self, texts: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
        self.asked.extend(texts)
        for text in texts:
            yield [(name, label) for name, label in self._names.items() if name in text]


def extract(text: str, recogniser: Listed, cuts: Sequence[int] = (), subject: str = "") -> Extraction:
    ends = [*cuts, len(text)]
    starts = [0, *cuts]
    chunks = [
        Chunk(chunk_id=f"d.1.{n}", ordinal=n, text=text[a:b], start=a, end=b, page=None, heading="", context="")
        for n, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]
    parsed = Parsed(text=text, media_type="text/plain")
    return Extractor(recogniser).extract(parsed, chunks, document_id="d", version=1, subject=subject)


def test_every_chunk_supports_the_names_it_holds() -> None:
    text = "Ada Bright wrote to us. She was cross.\n\nLater Ada Bright called from Leeds."
    made = extract(text, Listed(Ada_Bright="PERSON", Leeds="GPE"), cuts=(40,))
    assert {(e.entity_id, e.type, e.support.chunk_id) for e in made.entities} == {
        ("name:adabright", "person", "d.1.0"),
        ("name:adabright", "person", "d.1.1"),
        ("name:leeds", "place", "d.1.1"),
    }


def test_names_of_one_sentence_are_related_once() -> None:
    text = "Today Ada Bright met Cy Fox. Then Cy Fox met Ada Bright."
    made = extract(text, Listed(Ada_Bright="PERSON", Cy_Fox="PERSON"))
    assert [(r.from_id, r.type, r.to_id) for r in made.relations] == [
        ("name:adabright", "mentioned_with", "name:cyfox")
    ]


def test_dates_and_amounts_are_no_entities() -> None:
    made = extract("On Friday it cost 12 Euro in May.", Listed(Friday="DATE", **{"12_Euro": "MONEY"}))
    assert made.entities == []


def test_addresses_and_codes_are_found_without_a_model() -> None:
    made = extract("Order NL-2040 goes to ann@x.co today.", Listed())
    assert {(e.entity_id, e.type) for e in made.entities} == {("email:ann@x.co", "person"), ("name:nl2040", "code")}


def test_capitalised_phrases_that_no_model_knows_are_kept_as_terms() -> None:
    made = extract("The handle of the Brass Harbour Lantern is loose.", Listed())
    assert [(e.name, e.type) for e in made.entities] == [("Brass Harbour Lantern", "term")]


def test_the_subject_of_the_document_mentions_what_its_chunks_name() -> None:
    made = extract("We ship to Leeds only.", Listed(Leeds="GPE"), subject="Shipping policy")
    assert [(r.from_id, r.type, r.to_id) for r in made.relations] == [("name:shippingpolicy", "mentions", "name:leeds")]


def test_sentences_without_a_capital_do_not_cost_the_model_s_time() -> None:
    recogniser = Listed()
    extract("It was late. He asked for a refund. Then Ada came.", recogniser)
    assert recogniser.asked == ["Then Ada came."]


def test_the_number_of_names_in_a_chunk_is_bounded() -> None:
    names = {f"Name{n}x": "PERSON" for n in range(100)}
    made = extract("See " + " and ".join(names), Listed(**names))
    assert len(made.entities) <= 32
    assert len(made.relations) <= 24


def test_a_name_that_the_text_says_is_another_s_is_joined_to_it() -> None:
    made = extract("Quay Lamps (formerly Harbour Lights) moved.", Listed(Quay_Lamps="ORG", Harbour_Lights="ORG"))
    joined = [(r.from_id, r.to_id, r.support.chunk_id) for r in made.relations if r.type == "same_as"]
    assert joined == [("name:harbourlights", "name:quaylamps", "d.1.0")]


def test_an_acronym_is_a_name_of_what_it_stands_for() -> None:
    made = extract("The National Harbour Board (NHB) met.", Listed(National_Harbour_Board="ORG"))
    assert ("name:nhb", "organisation") in {(e.entity_id, e.type) for e in made.entities}
    assert ("name:nationalharbourboard", "name:nhb") in {(r.from_id, r.to_id) for r in made.relations}
