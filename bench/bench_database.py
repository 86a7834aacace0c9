"""The way to a live database: what the gate refuses and lets through, how fast, and whether three databases answer the
same: ``make bench-database``.

Statements are those of sql_safety. A bounded one that passes runs on its database as in the product; its growth is that
of this process. Chinook is loaded into PostgreSQL, MariaDB and SQLite, and each is asked the same questions in SQL.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mariadb_server
import postgres_server
import psutil
import psycopg
import pymysql
from mariadb_server import MariaDbServer
from postgres_server import PostgresServer
from report import Row, publish
from retrieval_sets import data_folder

from actors.database.answer import Caps
from actors.database.dialects import FAMILIES, Family
from actors.database.gate import Checked, check
from actors.database.reader import Reader
from actors.database.refusal import Refusal
from actors.database.target import target_of
from runtime.errors import RagleapError

_MB = 1024**2
_ROUNDS = 3

# Written with SQLite's names; PostgreSQL's are the same in snake_case.
CHINOOK = (
    "SELECT count(*) FROM Customer",
    "SELECT Country, count(*) AS n FROM Customer GROUP BY Country ORDER BY n DESC, Country",
    "SELECT sum(Total), min(Total), max(Total) FROM Invoice",
    "SELECT BillingCountry, sum(Total) AS revenue FROM Invoice GROUP BY BillingCountry ORDER BY revenue DESC,"
    " BillingCountry LIMIT 5",
    "SELECT a.Name, count(*) AS n FROM Artist a JOIN Album b ON b.ArtistId = a.ArtistId GROUP BY a.Name"
    " HAVING count(*) > 5 ORDER BY n DESC, a.Name",
    "SELECT g.Name, count(t.TrackId) AS n FROM Genre g LEFT JOIN Track t ON t.GenreId = g.GenreId GROUP BY g.Name"
    " ORDER BY n DESC, g.Name",
    "SELECT count(*) FROM Invoice WHERE InvoiceDate >= '2010-01-01' AND InvoiceDate < '2011-01-01'",
    "SELECT count(*) FROM Customer WHERE Company IS NULL",
    "SELECT FirstName, LastName FROM Customer WHERE CustomerId NOT IN (SELECT CustomerId FROM Invoice)",
    "SELECT t.Name, sum(l.Quantity) AS sold FROM Track t JOIN InvoiceLine l ON l.TrackId = t.TrackId"
    " GROUP BY t.TrackId, t.Name ORDER BY sold DESC, t.TrackId LIMIT 10",
    "SELECT e.LastName, b.LastName FROM Employee e LEFT JOIN Employee b ON b.EmployeeId = e.ReportsTo"
    " ORDER BY e.EmployeeId",
    "SELECT count(DISTINCT ArtistId) FROM Album",
    "WITH spent AS (SELECT CustomerId, sum(Total) AS s FROM Invoice GROUP BY CustomerId)"
    " SELECT count(*) FROM spent WHERE s > 40",
    "SELECT InvoiceId, rank() OVER (ORDER BY Total DESC, InvoiceId) AS place FROM Invoice ORDER BY place LIMIT 5",
    "SELECT CASE WHEN Milliseconds > 300000 THEN 'long' ELSE 'short' END AS size, count(*) FROM Track GROUP BY size"
    " ORDER BY size",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    sql: str
    family: Family
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database with Chinook in it; ``write`` gives a statement its names."""

    url: str
    folder: Path
    write: Callable[[str], str]

    def reader(self, caps: Caps) -> Reader:
        return Reader(target_of(self.url, sqlite_folder=self.folder, sockets=True), caps)


def statements(data: Path) -> list[Statement]:
    lines = (data / "sql_safety" / "statements.jsonl").read_text().splitlines()
    return [
        Statement(sql=row["sql"], family=FAMILIES[row["dialect"]], expect=row["expect"])
        for row in map(json.loads, lines)
    ]


def gate_rows(found: list[Statement], *, show: bool) -> list[Row]:
    verdicts, seconds = [], []
    for _ in range(_ROUNDS):
        verdicts = []
        for each in found:
            began = time.perf_counter()
            verdicts.append(check(each.sql, each.family, None))
            seconds.append(time.perf_counter() - began)
    seconds.sort()
    pairs = list(zip(found, verdicts, strict=True))
    wrong = [(each, verdict) for each, verdict in pairs if each.expect == "accept" and isinstance(verdict, Refusal)]
    missed = [each for each, verdict in pairs if each.expect == "reject" and isinstance(verdict, Checked)]
    if show:
        for each in missed:
            print(f"  let through: {each.sql[:160]}")
        for each, verdict in wrong:
            print(f"  refused: {verdict}: {each.sql[:160]}")
    count = Counter(each.expect for each in found)
    reasons = [v for each, v in pairs if each.expect == "reject" and isinstance(v, Refusal) and v.rule and v.sentence]
    return [
        Row(
            figure=f"reject rows refused, each with a reason, share (n={count['reject']})",
            value=math.floor(1e4 * len(reasons) / count["reject"]) / 1e4,
            bar=">= 1",
        ),
        Row(
            figure=f"accept rows wrongly refused, share (n={count['accept']})",
            value=round(len(wrong) / count["accept"], 4),
            bar="<= 0.005",
        ),
        Row(figure="gate, p50", value=round(1000 * seconds[len(seconds) // 2], 2), unit="ms", bar="<= 2"),
        Row(figure="gate, p99", value=round(1000 * seconds[int(len(seconds) * 0.99)], 2), unit="ms", bar="<= 10"),
    ]


async def bounded_rows(found: list[Statement], places: dict[Family, Place]) -> list[Row]:
    bounded = [each for each in found if each.expect == "bounded"]
    kept, slowest, largest = 0, 0.0, 0.0
    for each in bounded:
        reader, me = places[each.family].reader(Caps()), psutil.Process()
        peak = before = me.memory_info().rss
        began = time.monotonic()
        asked = asyncio.create_task(_run(reader, each))
        while not asked.done():
            peak = max(peak, me.memory_info().rss)
            await asyncio.wait({asked}, timeout=0.02)
        slowest, growth = max(slowest, time.monotonic() - began), (peak - before) / _MB
        largest = max(largest, growth)
        kept += time.monotonic() - began <= 5 and growth <= 256
        await asyncio.to_thread(reader.close)
    return [
        Row(
            figure=f"bounded rows refused or stopped, share (n={len(bounded)})",
            value=kept / len(bounded),
            bar=">= 1",
        ),
        Row(figure="bounded rows, slowest", value=round(slowest, 2), unit="s", bar="<= 5"),
        Row(figure="bounded rows, growth of memory", value=round(largest, 1), unit="MB", bar="<= 256"),
    ]


async def _run(reader: Reader, each: Statement) -> None:
    verdict = check(each.sql, each.family, None)
    if isinstance(verdict, Checked):
        try:
            await reader.run(verdict)
        except RagleapError:
            return


async def chinook_rows(places: dict[Family, Place], *, show: bool) -> list[Row]:
    readers = {family: place.reader(Caps()) for family, place in places.items()}
    same = 0
    try:
        schemas = {family: (await reader.facts()).schema() for family, reader in readers.items()}
        for question in CHINOOK:
            answers = {}
            for family, reader in readers.items():
                verdict = check(places[family].write(question), family, schemas[family])
                assert isinstance(verdict, Checked), f"{family}: {verdict} in {question}"
                answers[family] = [[_plain(value) for value in row] for row in (await reader.run(verdict)).rows]
            agreed = len({json.dumps(each) for each in answers.values()}) == 1
            same += agreed
            if show and not agreed:
                print(f"  {question}")
                for family, rows in answers.items():
                    print(f"    {family}: {rows[:4]}")
    finally:
        for reader in readers.values():
            await asyncio.to_thread(reader.close)
    return [
        Row(
            figure=f"chinook in three dialects, same answers, share (n={len(CHINOOK)})",
            value=math.floor(1e4 * same / len(CHINOOK)) / 1e4,
            bar=">= 1",
        )
    ]


def _plain(value: object) -> object:
    return round(float(value), 4) if isinstance(value, int | float) else value


@contextmanager
def chinook(data: Path) -> Iterator[dict[Family, Place]]:
    sources = data / "chinook" / "ChinookDatabase" / "DataSources"
    with ExitStack() as stack:
        yield {
            Family.SQLITE: Place(url="sqlite:///Chinook_Sqlite.sqlite", folder=sources, write=str),
            Family.POSTGRES: _postgres(stack, (sources / "Chinook_PostgreSql.sql").read_text("utf-8-sig")),
            Family.MYSQL: _mariadb(stack, (sources / "Chinook_MySql.sql").read_text("utf-8-sig")),
        }


def _postgres(stack: ExitStack, script: str) -> Place:
    programs = postgres_server.programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed: requirements/debian.sh does it")
    server = PostgresServer(programs)
    server.start()
    stack.callback(server.stop)
    name = server.make()
    wanted = "\n".join(
        line for line in script.splitlines() if not re.match(r"(DROP|CREATE) DATABASE|\\c|\\connect", line)
    )
    with psycopg.connect(server.url(name).replace("+psycopg", "")) as connection:
        connection.execute(wanted)
    return Place(url=server.url(name), folder=Path(), write=_snake)


def _mariadb(stack: ExitStack, script: str) -> Place:
    daemon = mariadb_server.programs()
    if daemon is None:
        sys.exit("MariaDB is not installed: requirements/debian.sh does it")
    server = MariaDbServer(daemon)
    server.start()
    stack.callback(server.stop)
    name = server.make()
    connection = pymysql.connect(unix_socket=str(server.socket), user="root", database=name, autocommit=True)
    with connection, connection.cursor() as cursor:
        for statement in re.split(r";\s*\n", re.sub(r"/\*.*?\*/", "", script, flags=re.DOTALL)):
            if statement.strip() and not re.match(r"\s*(DROP DATABASE|CREATE DATABASE|USE)\b", statement):
                cursor.execute(statement)
    return Place(url=server.url(name), folder=Path(), write=str)


def _snake(sql: str) -> str:
    """Names in snake_case; what is in quotes or in capitals alone stays."""
    return re.sub(r"'[^']*'|\b[A-Z][a-z]\w*", lambda found: _word(found.group()), sql)


def _word(word: str) -> str:
    return word if word.startswith("'") else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()


def run(data: Path, *, show: bool) -> list[Row]:
    found = statements(data)
    rows = gate_rows(found, show=show)
    with chinook(data) as places:
        rows += asyncio.run(bounded_rows(found, places))
        rows += asyncio.run(chinook_rows(places, show=show))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="show what is wrong")
    parser.add_argument("--no-results", action="store_true", help="print only, leave bench/results alone")
    options = parser.parse_args()
    if not data_folder().is_dir():
        print("third-party material is absent: set RAGLEAP_DATA")
        return 0
    rows = run(data_folder(), show=options.show)
    if options.no_results:
        for row in rows:
            print(row.figure, row.value, row.unit, row.bar, row.baseline, {False: "MISSED"}.get(row.reached(), ""))
    else:
        publish("database", "make bench-database", rows)
    return 0 if all(row.reached() is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
