"""Errors of the platform as problem documents."""

from __future__ import annotations

import pytest

from actors.api.problem import invalid_input, problem_of, unexpected
from runtime.errors import (
    Conflict,
    DeadlineExceeded,
    Fenced,
    Forbidden,
    Invalid,
    NotFound,
    Overloaded,
    RagleapError,
    Retryable,
    Terminal,
    TooLarge,
    Unauthorized,
    Unavailable,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("x"), 422),
        (NotFound("x"), 404),
        (Unauthorized("x"), 401),
        (Forbidden("x"), 403),
        (Conflict("x"), 409),
        (TooLarge("x"), 413),
        (Terminal("x"), 400),
        (Overloaded("x"), 429),
        (Retryable("x"), 503),
        (Unavailable("x"), 503),
        (Fenced("x"), 503),
        (DeadlineExceeded("x"), 504),
        (RagleapError("x"), 500),
    ],
)
def test_every_family_has_its_status_and_says_when_to_come_back(error: RagleapError, status: int) -> None:
    found = problem_of(error)
    assert found.status == status
    assert ("Retry-After" in found.headers) == (status in (429, 503))
    assert ("WWW-Authenticate" in found.headers) == (status == 401)
    assert found.body("t")["type"] == f"urn:ragleap:problem:{error.kind}"


def test_retry_after_is_whole_seconds_and_never_less_than_asked() -> None:
    assert problem_of(Overloaded("x", retry_after=2.1)).headers["Retry-After"] == "3"
    assert problem_of(Unavailable("x", retry_after=0.2)).headers["Retry-After"] == "1"


def test_the_detail_says_what_happened_and_what_to_do() -> None:
    assert problem_of(NotFound("There is no x.", do="Check the id.")).detail == "There is no x. Check the id."
    assert problem_of(Retryable("The store is away.")).detail == "The store is away. Try again in a moment."


def test_what_nobody_foresaw_is_told_without_its_inside() -> None:
    assert unexpected().status == 500
    assert "log" in unexpected().detail


def test_wrong_fields_are_named() -> None:
    found = invalid_input(
        [
            {"loc": ("body", "query"), "msg": "Field required"},
            {"loc": ("body", "customer", "id"), "msg": "too short"},
            {"loc": ("body",), "msg": "no object"},
        ]
    )
    assert "query: Field required; customer.id: too short; body: no object" in found.detail
