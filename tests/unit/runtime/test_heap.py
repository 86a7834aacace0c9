"""After its start, a process is not stopped for long by the collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from runtime import heap


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_there_is_not_looked_through_again_and_what_comes_is() -> None:
    there = [[number] for number in range(1_000)]
    heap.settle()
    later = [[number] for number in range(10)]

    looked_at = {id(each) for each in gc.get_objects()}
    assert not looked_at & {id(each) for each in there}
    assert {id(each) for each in later} <= looked_at
