"""The grammar planner on spider_dev, without a model: ``python bench/bench_planner.py [--hold-out] [--show]``.

A question is claimed when the planner makes a statement that the gate passes; it is right when its rows are those of
the gold statement (as a multiset, in order where the gold
orders, columns in any order: the rule of Spider's own test suite). A third of the databases, by a hash of their names,
may be looked at (``--show`` prints what is wrong there); the rest is only ever counted (``--hold-out``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlglot
from sqlalchemy import create_engine
from sqlglot import exp

from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.introspect import read_facts
from actors.database.planner import Planned, Planner, Vocabulary

AS_OF = date(2020, 6, 30)


@dataclass(frozen=True, slots=True)
class Case:
    database: str
    question: str
    gold: str


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hold-out", action="store_true")
    options.add_argument("--show", action="store_true")
    told = options.parse_args()
    folder = Path(os.environ.get("RAGLEAP_DATA", "../shared/data")) / "spider_dev"
    if not folder.is_dir():
        print(f"Skipped: there is no {folder}; set RAGLEAP_DATA.")
        return
    cases = [
        Case(each["db_id"], each["question"], each["query"]) for each in json.loads((folder / "dev.json").read_text())
    ]
    files = {case.database: folder / "database" / case.database / f"{case.database}.sqlite" for case in cases}
    wanted = [c for c in cases if files[c.database].is_file() and is_held_out(c.database) == told.hold_out]
    measure(wanted, files, show=told.show and not told.hold_out)


def is_held_out(database: str) -> bool:
    return int(hashlib.sha256(database.encode()).hexdigest(), 16) % 3 != 1


def is_simple(gold: str) -> bool:
    """One table or one join, no nested query, no set operation."""
    tree = sqlglot.parse_one(gold, dialect="sqlite")
    if isinstance(tree, exp.SetOperation) or len(list(tree.find_all(exp.Select))) > 1:
        return False
    return len(list(tree.find_all(exp.Table))) <= 2


def measure(cases: list[Case], files: dict[str, Path], *, show: bool) -> None:
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    planners: dict[str, tuple[Planner, Vocabulary]] = {}
    for case in cases:
        if case.database not in planners:
            planners[case.database] = planner_of(files[case.database])
        planner, vocabulary = planners[case.database]
        kind = "simple" if is_simple(case.gold) else "other"
        total[kind] += 1
        planned = planner.plan(case.question, as_of=AS_OF)
        if not isinstance(planned, Planned):
            reasons[re.sub("“.*?”", "…", planned.reason)] += 1
            if show and kind == "simple":
                print(f"-- {case.database}: {case.question}\n     {planned.reason}")
            continue
        verdict = check(planned.sql, Family.SQLITE, vocabulary.readable, rows=100_000)
        if not isinstance(verdict, Checked):
            print(f"REFUSED {case.database}: {verdict}\n   {planned.sql}" if show else "REFUSED by the gate")
            continue
        total[f"{kind} claimed"] += 1
        if same_rows(files[case.database], verdict.statement, case.gold):
            total[f"{kind} right"] += 1
        elif show:
            print(f"WRONG ({kind}) {case.database}: {case.question}\n   {planned.sql}\n   {case.gold}")
    if show:
        for reason, count in reasons.most_common(15):
            print(count, reason)
    for kind in ("simple", "other"):
        tell(kind, total[kind], total[f"{kind} claimed"], total[f"{kind} right"])
    tell("all", *(total[f"simple{each}"] + total[f"other{each}"] for each in ("", " claimed", " right")))


def tell(kind: str, asked: int, claimed: int, right: int) -> None:
    shares = f"({claimed / max(asked, 1):.3f}), {right} right ({right / max(claimed, 1):.3f})"
    print(f"{kind}: {asked} asked, {claimed} claimed {shares}")


def planner_of(file: Path) -> tuple[Planner, Vocabulary]:
    engine = create_engine(f"sqlite:///file:{file.resolve()}?mode=ro&uri=true")
    with engine.connect() as connection:
        connection.connection.dbapi_connection.text_factory = lambda raw: raw.decode(errors="replace")  # type: ignore[union-attr]
        facts = read_facts(connection, Family.SQLITE)
    engine.dispose()
    vocabulary = Vocabulary(facts, facts.schema())
    return Planner(vocabulary, Family.SQLITE), vocabulary


def same_rows(file: Path, made: str, gold: str) -> bool:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        try:
            ours = [tuple(map(plain, row)) for row in connection.execute(made)]
        except sqlite3.Error as error:
            print("FAILED", error, made)
            return False
        theirs = [tuple(map(plain, row)) for row in connection.execute(gold)]
    if len(ours) != len(theirs) or (ours and len(ours[0]) != len(theirs[0])):
        return False
    if not ours:
        return True
    orders = permutations(range(len(ours[0]))) if len(ours[0]) <= 5 else [tuple(range(len(ours[0])))]
    for order in orders:
        turned = [tuple(row[n] for n in order) for row in ours]
        if (turned == theirs) if "order by" in gold.lower() else (Counter(turned) == Counter(theirs)):
            return True
    return False


def plain(value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
