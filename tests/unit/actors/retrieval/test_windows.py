from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.retrieval.terms import terms
from actors.retrieval.windows import best_window, rarity_among, sentences, token_estimate, windows

POLICY = """# Returns

Customers of Dr. Smith & Co. may return goods within 30 days. The refund is paid
within five working days, e.g. by card. See No. 5 for details.

- Items on sale: 14 days
- Gift cards cannot be returned!
Ann: Hey! How are you? 🤔
Bob: See you at 3.30 p.m. tomorrow. The answer is no. Version 2.5.1 is out"""


def test_sentences_end_where_a_reader_would_end_them() -> None:
    assert [span.of(POLICY) for span in sentences(POLICY)] == [
        "# Returns",
        "Customers of Dr. Smith & Co. may return goods within 30 days.",
        "The refund is paid\nwithin five working days, e.g. by card.",
        "See No. 5 for details.",
        "- Items on sale: 14 days",
        "- Gift cards cannot be returned!",
        "Ann: Hey!",
        "How are you?",
        "Bob: See you at 3.30 p.m. tomorrow.",
        "The answer is no.",
        "Version 2.5.1 is out",
    ]


def test_scripts_without_spaces_are_split_too() -> None:
    text = "退货期限为三十天。礼品卡不能退货！"
    assert [span.of(text) for span in sentences(text)] == ["退货期限为三十天。", "礼品卡不能退货！"]


@given(st.text(alphabet=st.sampled_from("ab cD.?!\n-#|1é語。"), max_size=400))
def test_spans_stand_verbatim_in_order_and_never_overlap(text: str) -> None:
    spans = sentences(text)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(st.text(alphabet=st.sampled_from("ab cD.?!\n-1é語"), max_size=600), st.integers(8, 40))
def test_windows_keep_their_limit_and_cover_every_sentence(text: str, limit: int) -> None:
    found = windows(text, limit=limit)
    covered = {at for window in found for at in range(window.start, window.end)}
    for sentence in sentences(text):
        assert all(at in covered or text[at].isspace() for at in range(sentence.start, sentence.end))
    for window in found:
        longest_word = max((token_estimate(word) for word in window.of(text).split()), default=0)
        assert token_estimate(window.of(text)) <= max(limit, longest_word) + 1


def test_the_window_with_the_questions_rare_words_is_chosen() -> None:
    filler = "Our shop sells tea and cups and pots to everyone in town. " * 12
    text = f"{filler}Refunds for vouchers take five days. {filler}"
    rarity = rarity_among("When are vouchers refunded by the shop?", [text, filler, filler])
    assert "Refunds for vouchers" in best_window("When are vouchers refunded by the shop?", text, rarity).of(text)


def test_a_text_that_shares_nothing_is_represented_by_its_beginning() -> None:
    text = "Alpha beta gamma delta. " * 60
    assert best_window("unrelated", text).start == 0
    assert best_window("anything", "").of("") == ""


def test_terms_meet_across_endings_and_compound_names() -> None:
    assert set(terms("ordered orders ordering")) == {"order"}
    assert set(terms("Jennifer Moore")) <= set(terms("JenniferMoore said"))
    assert terms("what is the") == []
