from __future__ import annotations

import numpy as np
import pytest

from actors.retrieval.pagerank import personalised_pagerank

EDGES = [("a", "b", 1.0), ("b", "c", 2.0), ("c", "a", 0.5), ("c", "d", 1.0)]


def test_the_mass_is_the_solution_of_the_linear_system() -> None:
    nodes, damping = ["a", "b", "c", "d"], 0.5
    weights = np.zeros((4, 4))
    for one, other, weight in EDGES:
        i, j = nodes.index(one), nodes.index(other)
        weights[i, j] += weight
        weights[j, i] += weight
    start = np.array([0.75, 0.0, 0.0, 0.25])
    solved = np.linalg.solve(np.eye(4) - damping * weights / weights.sum(axis=0), (1 - damping) * start)
    mass = personalised_pagerank(EDGES, {"a": 3.0, "d": 1.0}, damping=damping)
    assert [mass[node] for node in nodes] == pytest.approx(solved.tolist(), abs=1e-7)


def test_mass_sums_to_one_and_a_seed_without_edges_keeps_its_share() -> None:
    mass = personalised_pagerank(EDGES, {"a": 1.0, "lonely": 1.0})
    assert sum(mass.values()) == pytest.approx(1.0)
    assert mass["lonely"] >= 0.25


def test_near_nodes_have_more_than_far_ones() -> None:
    chain = [("a", "b", 1.0), ("b", "c", 1.0), ("c", "d", 1.0)]
    mass = personalised_pagerank(chain, {"a": 1.0})
    assert mass["b"] > mass["c"] > mass["d"] > 0


def test_no_seed_means_no_mass() -> None:
    assert personalised_pagerank(EDGES, {}) == {}
    assert personalised_pagerank(EDGES, {"a": 0.0}) == {}
    assert personalised_pagerank([], {"a": 1.0}) == {"a": 1.0}
