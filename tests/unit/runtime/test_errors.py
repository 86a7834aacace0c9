"""Errors cross processes whole, and belong to one of four families."""

from __future__ import annotations

import inspect
import pickle

import pytest

from runtime import errors
from runtime.errors import Fenced, Overloaded, RagleapError, Retryable, Terminal

EVERY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RagleapError)]


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_survives_pickling_with_everything_it_says(kind: type[RagleapError]) -> None:
    error = kind("It broke.", do="Mend it.", tenant="acme", message="m1")
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is kind
    assert (copy.what, copy.do, copy.ids, str(copy)) == (error.what, error.do, error.ids, str(error))
    assert vars(copy) == vars(error)


def test_retry_after_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Overloaded("Full.", retry_after=7))).retry_after == 7


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind is not RagleapError])
def test_every_error_is_of_exactly_one_family(kind: type[RagleapError]) -> None:
    assert sum(issubclass(kind, family) for family in (Retryable, Terminal, Overloaded, Fenced)) == 1


def test_the_kinds_are_told_apart_by_name() -> None:
    assert len({kind.kind for kind in EVERY}) == len(EVERY)


def test_a_cause_is_chained() -> None:
    cause = ValueError("x")

    assert Terminal("No.").because(cause).__cause__ is cause
