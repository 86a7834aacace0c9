"""Businesses never seen before: the catalogue is public, every other table is for staff, whatever its columns say."""

from __future__ import annotations

from pathlib import Path

import pytest
from businesses.generate import generate

from actors.ingest.join import join_pair
from actors.ingest.parse import parse
from actors.ingest.people import tells_of_people
from actors.ingest.rows import JoinRow, JoinTable
from actors.ingest.tables import typed_tables


@pytest.mark.parametrize("seed", range(20))
def test_only_the_catalogue_of_a_generated_business_is_public(seed: int, tmp_path: Path) -> None:
    business = generate(seed, tmp_path)
    tables: list[JoinTable] = []
    staff: set[str] = set()
    for path in (tmp_path / file for file in business.files):
        parsed = parse(path.read_bytes(), path.name)
        if tells_of_people(parsed):
            staff.add(path.name)
        if path.suffix == ".csv":
            tables += [
                JoinTable(type=t.type, rows=[JoinRow(key=r.key, chunk_id="", cells=r.cells) for r in t.rows])
                for t in typed_tables(parsed, document_id=path.name, version=1)
            ]
    pairs = [(a, b) for at, a in enumerate(tables) for b in tables[at + 1 :]]
    joins = [join for a, b in pairs for join in join_pair(a, b).joins if join.by_key]
    for _ in tables:  # as actors.referring follows them
        staff |= {join.document_id for join in joins if join.needs_document_id in staff}

    public = {table.type.document_id for table in tables} - staff
    assert len(public) == 1
    text = (tmp_path / public.pop()).read_text()
    assert all(product in text for expected in business.expected.values() for product in expected.products)
    assert not any(expected.email in text.lower() for expected in business.expected.values())
    assert all(path.name in staff for path in business.files if path.suffix == ".eml")
