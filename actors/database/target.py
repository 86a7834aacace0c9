"""A database by its URL: which family it is, and that the URL says nothing but where and as whom.

Promises: the driver is ours to choose, options that could lead elsewhere (a service file, a local file to load, a
library) are refused, and the text of a target never shows its password.

Held by tests/unit/actors/database/test_target.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from actors.database.dialects import Family
from runtime.errors import Invalid

EXAMPLE = "Give one like postgresql://user:password@host:5432/name, mysql://… or sqlite:///orders.db."
_DRIVERS = {
    "postgresql": (Family.POSTGRES, "postgresql+psycopg"),
    "postgres": (Family.POSTGRES, "postgresql+psycopg"),
    "mysql": (Family.MYSQL, "mysql+pymysql"),
    "mariadb": (Family.MYSQL, "mysql+pymysql"),
    "sqlite": (Family.SQLITE, "sqlite+pysqlite"),
}
_OPTIONS = {Family.POSTGRES: frozenset(("sslmode",)), Family.MYSQL: frozenset[str](), Family.SQLITE: frozenset[str]()}
_SOCKETS = frozenset(("host", "unix_socket"))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a database is. ``str()`` of the URL hides the password (SQLAlchemy's way)."""

    family: Family
    url: URL

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return Path(self.url.database or "")


def target_of(url: str, *, sqlite_folder: Path | None = None, sockets: bool = False) -> Target:
    """Raises Invalid. ``sqlite_folder``: SQLite's files are in it or below, and are named from there; None: SQLite is
    not for this caller. ``sockets``: servers of this machine may be reached by their Unix socket."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Invalid("This is no database's URL.", do=EXAMPLE) from error
    known = _DRIVERS.get(parsed.get_backend_name())
    if known is None:
        raise Invalid(f"Databases of the kind {parsed.get_backend_name()} are not read.", do=EXAMPLE)
    family, driver = known
    odd = sorted(set(parsed.query) - _OPTIONS[family] - (_SOCKETS if sockets else frozenset()))
    if odd:
        raise Invalid(f"The URL may not have the option {odd[0]}.", do=EXAMPLE)
    if not parsed.database:
        raise Invalid("The URL names no database.", do=EXAMPLE)
    parsed = parsed.set(drivername=driver)
    return Target(family, _inside(parsed, sqlite_folder) if family is Family.SQLITE else parsed)


def _inside(url: URL, folder: Path | None) -> URL:
    if folder is None:
        raise Invalid("SQLite files are not read here.", do="An operator may allow a folder of them.")
    root = folder.resolve()
    file = (root / str(url.database)).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise Invalid("There is no such SQLite file in the folder for them.", do="Put it there and name it from there.")
    return url.set(database=str(file))
