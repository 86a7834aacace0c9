"""The embedded embedder and reranker with their real model files."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import numpy as np
import pytest

from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from cluster import process_tree
from runtime.errors import Terminal

PASSAGES = [
    "Refunds are paid within five working days after the parcel has come back.",
    "The shop opens at nine and closes at six, Sundays excepted.",
    "Our oak table weighs forty kilograms and seats six people.",
]


async def test_vectors_are_normalised_and_as_long_as_promised(embedder: OnnxEmbedder) -> None:
    vectors = np.array(await embedder.embed_passages(PASSAGES))
    assert vectors.shape == (3, embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


async def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: OnnxEmbedder) -> None:
    passages = np.array(await embedder.embed_passages(PASSAGES))
    questions = np.array(
        await embedder.embed_queries(["When do I get my money back?", "opening hours", "How heavy is the table?"])
    )
    assert list((questions @ passages.T).argmax(axis=1)) == [0, 1, 2]


async def test_a_text_has_nearly_the_same_vector_alone_and_among_others(embedder: OnnxEmbedder) -> None:
    texts = [("word " * n).strip() for n in (1, 300, 7, 900, 40)] * 9
    together = np.array(await embedder.embed_passages(texts))
    alone = np.array([(await embedder.embed_passages([text]))[0] for text in texts[:5]])
    assert (np.sum(together[:5] * alone, axis=1) > 0.99).all()  # int8 activations are scaled per batch


async def test_nothing_and_odd_texts_are_embedded(embedder: OnnxEmbedder) -> None:
    assert await embedder.embed_passages([]) == []
    assert await embedder.embed_queries([]) == []
    assert len(await embedder.embed_passages(["", "🙂", "\x00", "日本語", "x" * 100_000])) == 5


async def test_a_word_meets_its_like_in_the_passage_that_speaks_of_it_and_nothing_elsewhere(
    embedder: OnnxEmbedder,
) -> None:
    matches = await embedder.match_words("How heavy is the kitchen-table's oak?", [*PASSAGES, ""])
    assert "".join(match.word for match in matches) == "Howheavyisthekitchen-table'soak?"
    assert all(len(match.cosines) == 4 for match in matches)
    table = next(match for match in matches if match.word == "table")
    assert table.cosines[2] == max(table.cosines) > 0.75
    assert table.cosines[2] - max(table.cosines[:2]) > 0.1
    assert await embedder.match_words("anything", []) == []


async def test_the_relevant_passage_scores_highest_and_above_zero(reranker: OnnxReranker) -> None:
    scores = await reranker.score("How long do refunds take to be paid?", PASSAGES)
    assert scores[0] == max(scores)
    assert scores[0] > 0 > scores[2]
    assert await reranker.score("anything", []) == []


async def test_scores_keep_the_order_of_the_passages(reranker: OnnxReranker) -> None:
    passages = [*PASSAGES, "x " * 400, "", *PASSAGES] * 3
    scores = await reranker.score("opening hours", passages)
    assert len(scores) == len(passages)
    assert scores[1] == pytest.approx(scores[6], abs=0.1)
    assert scores.index(max(scores)) % 8 in (1, 6)


async def test_the_event_loop_is_free_while_a_model_works(embedder: OnnxEmbedder) -> None:
    work = asyncio.create_task(embedder.embed_passages(["a long passage of many words " * 60] * 24))
    longest = 0.0
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before)
    await work
    assert longest < 0.25


async def test_a_resting_model_gives_its_memory_back_and_answers_as_before(embedder: OnnxEmbedder) -> None:
    long = ["a long passage of many words " * 100] * 4
    before = await embedder.embed_passages(long)
    working = process_tree.pss_kb(os.getpid())
    await embedder.rest()
    assert process_tree.pss_kb(os.getpid()) < working - 10_000  # KB; the arena of 512 tokens holds some 30 MB
    assert await embedder.embed_passages(long) == before


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="model_files"):
        OnnxEmbedder(tmp_path)
