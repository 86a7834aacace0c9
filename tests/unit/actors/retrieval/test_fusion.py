from __future__ import annotations

import pytest

from actors.retrieval.fusion import reciprocal_rank_fusion, spread, without_near_duplicates


def test_a_key_scores_the_weighted_sum_of_its_reciprocal_ranks() -> None:
    scores = reciprocal_rank_fusion({"a": ["x", "y"], "b": ["y"]}, {"a": 1.0, "b": 2.0}, constant=10)
    assert scores == {"y": pytest.approx(1 / 12 + 2 / 11), "x": pytest.approx(1 / 11)}
    assert list(scores) == ["y", "x"]


def test_a_part_without_weight_or_with_repeats_does_not_count_twice() -> None:
    assert reciprocal_rank_fusion({"a": ["x", "x"], "b": ["z"]}, {"b": 0.0}, constant=0) == {"x": 1.0}


def test_fusing_is_the_same_every_time_when_ranks_tie() -> None:
    rankings = {"a": ["x", "y"], "b": ["y", "x"]}
    assert list(reciprocal_rank_fusion(rankings)) == ["x", "y"]


def test_a_long_document_does_not_fill_every_place() -> None:
    scores = {"a1": 1.0, "a2": 0.95, "b1": 0.8}
    assert list(spread(scores, {"a1": "a", "a2": "a", "b1": "b"}, 0.7)) == ["a1", "b1", "a2"]


def test_near_copies_give_way_to_the_better_ranked_one() -> None:
    texts = {
        "a": "Returns are accepted within thirty days of the purchase date.",
        "b": "returns are accepted, within thirty days of the purchase date",
        "c": "Gift cards cannot be returned.",
    }
    assert without_near_duplicates(["a", "b", "c"], texts) == ["a", "c"]


def test_texts_without_words_are_copies_of_each_other_only() -> None:
    assert without_near_duplicates(["a", "b", "c"], {"a": "…", "b": "!", "c": "words"}) == ["a", "c"]
