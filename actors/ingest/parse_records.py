"""Records in other dress than CSV: JSON lists of objects, JSON lines, SQLite files, as tables.

Promises: only rows are read, nothing in a database file is executed but a plain SELECT
and the questions for its keys; a JSON file that is no list of
records is text. Runs in the parse process.

Held by tests/unit/actors/ingest/test_parse.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from actors.ingest.detect import SQLITE
from actors.ingest.parse_table import MAX_COLUMNS, MAX_ROWS, Section, render, table_of
from actors.ingest.parsed import Parsed, Reference, Table
from runtime.errors import Terminal

_MAX_TABLES = 100
_MAX_DEPTH = 2  # objects within a record that become columns of their own ("address.city")
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA})


def parse_json(text: str, *, media_type: str, name: str, title: str) -> Parsed | None:
    """The records of a JSON file or of JSON lines; None where it holds no list of objects."""
    found = _record_lists(text, name)
    tables = [(name, _table(name, records)) for name, records in found]
    if not any(table.rows for _, table in tables):
        return None
    sections = [Section(heading=title if len(tables) == 1 else label, tables=[table]) for label, table in tables]
    return render(sections, media_type=media_type, title=title)


def parse_sqlite(data: bytes, *, title: str) -> Parsed:
    """Every table of a SQLite file. Raises Terminal where the file is damaged or has no rows."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            # A file in WAL mode (bytes 18 and 19 are 2) cannot be opened in memory; what was committed is in it anyway.
            database.deserialize(data[:18] + b"\x01\x01" + data[20:])
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
            tables = [(name, _select(database, name)) for name in _table_names(database)]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Terminal("The database file is damaged or encrypted.", do="Export its tables as CSV.") from error
    tables = [(name, table) for name, table in tables if table.rows]
    if not tables:
        raise Terminal("The database holds no rows.", do="Upload one with rows in it.")
    sections = [Section(heading=name, tables=[table]) for name, table in tables]
    return render(sections, media_type=SQLITE, title=title)


def _table_names(database: sqlite3.Connection) -> list[str]:
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    own = [str(name) for name, sql in rows if sql and not str(sql).upper().startswith("CREATE VIRTUAL")]
    return [name for name in own if not name.startswith("sqlite_")][:_MAX_TABLES]


def _select(database: sqlite3.Connection, name: str) -> Table:
    quoted = '"' + name.replace('"', '""') + '"'
    cursor = database.execute(f"SELECT * FROM {quoted} LIMIT {MAX_ROWS + 1}")  # noqa: S608 (an identifier, quoted)
    header = [column[0] for column in cursor.description]
    rows = [[_cell(value) for value in row] for row in cursor]
    if len(rows) > MAX_ROWS:
        raise Terminal(f"The table {name} has more than {MAX_ROWS:,} rows.", do="Connect it as a database instead.")
    return replace(table_of([header, *rows], name=name), key=_key(database, quoted), references=_keys(database, quoted))


def _key(database: sqlite3.Connection, quoted: str) -> str:
    """The column that is the primary key by itself."""
    columns = [str(row[1]) for row in database.execute(f"PRAGMA table_info({quoted})") if row[5]]
    return columns[0] if len(columns) == 1 else ""


def _keys(database: sqlite3.Connection, quoted: str) -> list[Reference]:
    """The declared foreign keys of one column each; one that names no column means the other table's primary key."""
    rows = database.execute(f"PRAGMA foreign_key_list({quoted})").fetchall()
    count = Counter(row[0] for row in rows)
    found = []
    for number, _, table, column, to_column, *_ in sorted(rows):
        other = '"' + str(table).replace('"', '""') + '"'
        key = str(to_column or _key(database, other))
        if count[number] == 1 and key:
            found.append(Reference(column=str(column), to_table=str(table), to_column=key))
    return found


def _record_lists(text: str, name: str) -> list[tuple[str, Sequence[Mapping[str, object]]]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _json_lines(text)
    if isinstance(value, dict):
        lists = [(key, each) for key, each in value.items() if _is_records(each)]
        return [(name if len(lists) == 1 else key, each) for key, each in lists][:_MAX_TABLES]
    return [(name, value)] if _is_records(value) else []


def _json_lines(text: str) -> object:
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except (ValueError, RecursionError):
        return None


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and each for each in value)


def _table(name: str, records: Sequence[Mapping[str, object]]) -> Table:
    flat = [dict(_flat(record)) for record in records[:MAX_ROWS]]
    header = list(dict.fromkeys(key for record in flat for key in record))
    if len(header) > MAX_COLUMNS:
        return Table(name=name, header=(), rows=())
    return table_of([header, *([record.get(key, "") for key in header] for record in flat)], name=name)


def _flat(record: Mapping[str, object], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        elif isinstance(value, list) and all(not isinstance(each, dict | list) for each in value):
            yield f"{prefix}{key}", "; ".join(_cell(each) for each in value)
        elif isinstance(value, dict | list):
            yield f"{prefix}{key}", json.dumps(value, ensure_ascii=False)
        else:
            yield f"{prefix}{key}", _cell(value)


def _cell(value: object) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())
