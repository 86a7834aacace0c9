from __future__ import annotations

from actors.retrieval.graph_walk import candidate_ids, choose_seeds


def test_a_question_looks_up_its_names_and_addresses() -> None:
    ids = candidate_ids("Did Li Hua write to ann@example.org?")
    assert "name:lihua" in ids
    assert "email:ann@example.org" in ids


def test_the_longer_name_wins_over_the_names_inside_it() -> None:
    known = {"name:newyorktimes": 2, "name:newyork": 5, "name:paris": 1}
    assert set(choose_seeds("Does the New York Times write of Paris?", known, 10)) == {
        "name:newyorktimes",
        "name:paris",
    }


def test_rare_entities_weigh_more_than_hubs_and_the_number_of_seeds_is_bounded() -> None:
    seeds = choose_seeds("Owner and Rare and Third", {"name:owner": 400, "name:rare": 1, "name:third": 3}, 2)
    assert list(seeds) == ["name:rare", "name:third"]
    assert seeds["name:rare"] == 1.0
