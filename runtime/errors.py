"""The error model: one root, four families, each telling its reader what to do next.

``Retryable`` may succeed if tried again, ``Terminal`` never will, ``Overloaded`` asks the caller to come back
later, ``Fenced`` means another process owns the tenant now. Every error survives pickling (they cross Ray).

Held by tests/unit/runtime/test_errors.py.
"""

from __future__ import annotations

from typing import Self


class RagleapError(Exception):
    """Root of every error that leaves a module of this project.

    ``what`` says what happened, ``do`` what the reader can do about it, ``ids`` name the things involved.
    """

    kind = "error"
    status = 500

    def __init__(self, what: str, *, do: str = "", **ids: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do
        self.ids = ids

    def __str__(self) -> str:
        return f"{self.what} {self.do}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)

    def because(self, cause: BaseException) -> Self:
        """Chain ``cause`` explicitly, for places that return an error instead of raising it."""
        self.__cause__ = cause
        return self


def _rebuild(cls: type[RagleapError], args: tuple[object, ...], state: dict[str, object]) -> RagleapError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class Retryable(RagleapError):
    """The outside failed for now (a store restarting, a provider's 5xx); the same call may succeed later, but not
    before ``retry_after`` seconds have passed (0: the outside did not say)."""

    kind = "retryable"
    status = 503

    def __init__(self, what: str, *, do: str = "", retry_after: float = 0.0, **ids: str) -> None:
        super().__init__(what, do=do, **ids)
        self.retry_after = retry_after


class Terminal(RagleapError):
    """The request itself cannot succeed; trying again changes nothing."""

    kind = "terminal"
    status = 400


class Overloaded(RagleapError):
    """A bound was reached. Come back after ``retry_after`` seconds."""

    kind = "overloaded"
    status = 429

    def __init__(self, what: str, *, do: str = "", retry_after: float = 1.0, **ids: str) -> None:
        super().__init__(what, do=do or f"Try again in {retry_after:.0f} s.", **ids)
        self.retry_after = retry_after


class Fenced(RagleapError):
    """A newer epoch holds the tenant; this process must stop writing for it."""

    kind = "fenced"
    status = 503


class Moved(Fenced):
    """Another cell serves the tenant: send the same call to ``cell``."""

    kind = "moved"

    def __init__(self, what: str, *, do: str = "Send the call there.", cell: str = "", **ids: str) -> None:
        super().__init__(what, do=do, **ids)
        self.cell = cell


class Invalid(Terminal):
    """The input breaks a rule that the text names."""

    kind = "invalid"
    status = 422


class NotFound(Terminal):
    """Nothing of that name exists for this tenant (another tenant's things do not exist either)."""

    kind = "not-found"
    status = 404


class Unauthorized(Terminal):
    """The credentials are missing, unknown or revoked."""

    kind = "unauthorized"
    status = 401


class Forbidden(Terminal):
    """The credentials are known but the role does not allow this call."""

    kind = "forbidden"
    status = 403


class Conflict(Terminal):
    """The thing exists already, or has moved on since it was read."""

    kind = "conflict"
    status = 409


class TooLarge(Terminal):
    """The input is over a stated size."""

    kind = "too-large"
    status = 413


class DeadlineExceeded(Retryable):
    """The work was not done by its deadline."""

    kind = "deadline-exceeded"
    status = 504


class Unavailable(Retryable):
    """A part of the platform is down or restarting."""

    kind = "unavailable"
    status = 503

    def __init__(self, what: str, *, do: str = "", retry_after: float = 1.0, **ids: str) -> None:
        super().__init__(what, do=do, retry_after=retry_after, **ids)
