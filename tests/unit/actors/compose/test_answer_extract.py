from __future__ import annotations

from actors.compose.extract import MAX_DOCUMENTS, MAX_SCORED, MAX_SENTENCES, choose, extract, worth_scoring
from actors.compose.passages import Passage, closer, passages, passing
from actors.compose.quotable import Sentence, quotable
from actors.messages import Evidence, Status

TEXT = """# Returns

- Lamps can be returned within 30 days.
- Can gift cards be returned?
No way.
Refunds are paid by card."""


def evidence(document: str, text: str, logit: float | None = None, *, start: int = 0) -> Evidence:
    return Evidence(
        document_id=document,
        version=1,
        chunk_id=f"{document}#{start}",
        title=document,
        text=text,
        start=start,
        end=start + len(text),
        score=1.0,
        source="vector",
        rerank=logit,
    )


def sentence(document: str, text: str, at: int = 0) -> Sentence:
    return Sentence(
        passage=Passage(evidence=evidence(document, text), start=0, text=text, logit=1.0), start=at, text=text
    )


def test_only_passages_that_reach_the_gate_are_used_best_first() -> None:
    found = passages("lamps", [evidence("a", "one", 0.5), evidence("b", "two", -3.0), evidence("c", "three", 4.0)])
    assert [p.evidence.document_id for p in passing("lamps", found, 0.0)] == ["c", "a"]
    assert passing("lamps", found, 9.0) == []


def test_of_windows_that_overlap_only_the_best_is_used() -> None:
    chunk = evidence("a", TEXT)
    seen = [Passage(evidence=chunk, start=at, text=TEXT[at : at + 40], logit=logit) for at, logit in ((0, 1), (20, 3))]
    assert [passage.start for passage in passing("lamps", seen, 0.0)] == [20]


def test_without_a_cross_encoder_most_of_the_questions_words_must_stand_in_the_passage() -> None:
    found = passages("return lamps", [evidence("a", TEXT), evidence("b", "We sell tea.")])
    assert [p.evidence.document_id for p in passing("return lamps", found, 0.0)] == ["a"]
    assert passing("the of", found, 0.0) == []


def test_headings_questions_and_fragments_are_never_quoted_and_bullets_are_left_off() -> None:
    [passage] = passages("lamps", [evidence("a", TEXT, 1.0)])
    quotes = quotable("lamps", passage)
    assert [quote.text for quote in quotes] == ["Lamps can be returned within 30 days.", "Refunds are paid by card."]
    assert all(TEXT[q.start : q.start + len(q.text)] == q.text for q in quotes)


def test_a_line_that_opens_a_list_is_quoted_with_it_and_items_are_judged_under_it() -> None:
    text = "## Where we ship\n\nWe ship to:\n- Portugal and Spain\n- the Azores as well\n\nNothing else."
    quotes = quotable("ship?", passages("ship?", [evidence("a", text, 1.0)])[0])
    assert quotes[0].text == "We ship to:\n- Portugal and Spain\n- the Azores as well"
    assert quotes[1].judged() == "Where we ship We ship to: Portugal and Spain"
    assert quotes[1].text == "Portugal and Spain"
    assert all(text[quote.start :].startswith(quote.text) for quote in quotes)


def test_an_answer_is_judged_under_the_question_or_sentence_that_it_leans_on() -> None:
    text = "**Can I merge accounts?**\nWrite to support. The merger takes a day. It is free of charge."
    judged = [quote.judged() for quote in quotable("merge?", passages("merge?", [evidence("a", text, 1.0)])[0])]
    assert judged[0] == "Can I merge accounts? Write to support."
    assert judged[2].endswith("The merger takes a day. It is free of charge.")


def test_a_quoted_list_is_not_quoted_again_item_by_item() -> None:
    text = "We ship to:\n- Portugal and Spain\n- the Azores as well"
    quotes = quotable("ship?", passages("ship?", [evidence("a", text, 1.0)])[0])
    assert [s.text for s in choose(quotes, [5.0, 4.9, 4.8], 2.0)] == [text]


def test_a_closer_look_takes_all_windows_of_the_best_results_and_is_bounded() -> None:
    long = " ".join(f"Sentence number {n} tells of something." for n in range(100))
    looked = closer([evidence(name, long, 1.0) for name in "abcdef"])
    assert 4 < len(looked) <= 16
    assert all(p.evidence.text[p.start :].startswith(p.text) for p in looked)


def test_at_most_three_sentences_of_two_documents_within_the_distance_are_kept() -> None:
    sentences = [sentence(document, f"Sentence {n} of {document}.", 100 * n) for n, document in enumerate("abcab")]
    chosen = choose(sentences, [5.0, 4.9, 4.8, 4.7, 4.6], 2.0)
    assert len(chosen) == MAX_SENTENCES
    assert len({s.passage.evidence.document_id for s in chosen}) == MAX_DOCUMENTS
    assert [s.text for s in choose(sentences, [5.0, 1.0, 4.0, 2.0, 0.0], 2.0)] == [
        "Sentence 0 of a.",
        "Sentence 2 of c.",
    ]


def test_the_sentences_of_a_document_keep_its_order() -> None:
    sentences = [sentence("a", "Later sentence here.", 50), sentence("a", "Earlier sentence here.", 0)]
    assert [s.start for s in choose(sentences, [5.0, 4.5], 2.0)] == [0, 50]


def test_every_quoted_sentence_has_its_own_verbatim_citation() -> None:
    passage = passages("lamps", [evidence("a", TEXT, 1.0)])[0]
    answer = extract(quotable("lamps", passage))
    assert answer.status is Status.ANSWERED
    assert answer.text == "Lamps can be returned within 30 days. [1] Refunds are paid by card. [2]"
    assert [citation.n for citation in answer.citations] == [1, 2]
    assert all(citation.quote in TEXT for citation in answer.citations)


def test_nothing_to_quote_is_declined_without_a_citation() -> None:
    answer = extract(choose([], [], 2.0))
    assert answer.status is Status.DECLINED
    assert answer.citations == ()


def test_the_number_of_sentences_that_are_scored_is_bounded() -> None:
    long = " ".join(f"Sentence number {n} is about lamps." for n in range(60))
    found = passages("lamps", [evidence(name, long.replace("about", name), 1.0) for name in "abc"])
    assert len(worth_scoring("lamps", found)) <= MAX_SCORED
