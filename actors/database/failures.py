"""A database's errors in one sentence each, that tells the reader what to do; the database's own words stay behind.

Sources: PostgreSQL appendix A (SQLSTATE), MySQL "Server Error Message Reference", MariaDB "Error Codes".
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime.errors import DeadlineExceeded, Forbidden, Invalid, Overloaded, RagleapError, Unavailable

_TIME = frozenset(("57014", "3024", "1969", "1317", "25P03"))
_GONE = frozenset(("42P01", "42703", "3F000", "1146", "1054", "1356", "42S02"))
_DENIED = frozenset(("42501", "1142", "1143", "1044"))
_NOBODY = frozenset(("28P01", "28000", "1045", "1698"))
_NOWHERE = frozenset(("3D000", "1049"))
_FULL = frozenset(("53300", "53400", "1040", "1203", "53200", "53100"))
_LINK = frozenset(("2002", "2003", "2006", "2013", "2055", "57P01", "57P02", "57P03", "08006", "08001", "08003"))
# PostgreSQL's client tells no SQLSTATE for a connection that did not come about.
_REFUSED = re.compile(
    r"password authentication failed|role \"[^\"]*\" does not exist|no password supplied|pg_hba\.conf"
)
_WRITES = frozenset(("25006", "1792", "1836"))


def translated(error: SQLAlchemyError, seconds: float) -> RagleapError:
    """The error that leaves the adapter; its cause is the database's own."""
    if isinstance(error, PoolTimeout):
        return Overloaded("All connections to this database are in use.", retry_after=2).because(error)
    code, said = _code(error), str(getattr(error, "orig", "") or "").lower()
    if code in _TIME or "interrupted" in said:
        what = f"The database took longer than {seconds:.0f} s."
        return DeadlineExceeded(what, do="Ask for less: a shorter time, one table, a filter.").because(error)
    if code in _GONE or "no such table" in said or "no such column" in said:
        return Invalid("A table or column of the question is no longer there.", do="Read the schema anew.").because(
            error
        )
    if code in _NOBODY or _REFUSED.search(said):
        return Invalid("The database refuses this user or password.", do="Check the URL.").because(error)
    if code in _NOWHERE or "does not exist" in said or "unable to open" in said:
        return Invalid("There is no database of this name.", do="Check the URL.").because(error)
    if code in _DENIED or "not authorized" in said or "prohibited" in said or code in _WRITES or "readonly" in said:
        return Forbidden("The database does not let this be read.", do="Give its user the right to read it.").because(
            error
        )
    if code in _FULL:
        return Overloaded("The database has no room for another question now.", retry_after=5).because(error)
    if code in _LINK or getattr(error, "connection_invalidated", False) or not code:
        return Unavailable("The database can't be reached.", do="Check that it runs and its address.").because(error)
    return Invalid("The database could not answer this statement.", do="Ask in another way.").because(error)


def _code(error: SQLAlchemyError) -> str:
    """SQLSTATE, or MySQL's number."""
    original = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(original, "sqlstate", None)
    if state:
        return str(state)
    if original is not None and original.args and isinstance(original.args[0], int):
        return str(original.args[0])
    return str(getattr(original, "sqlite_errorname", "") or "")
