from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ingest_memory import word_tokenizer
from office_files import docx_of, xlsx_of

from actors.ingest.chunk import Chunker, pack
from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed
from actors.ingest.sentences import Unit, units
from actors.ingest.text import markdown_headings


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return word_tokenizer(tmp_path_factory.mktemp("tokenizer"))


def cut(words: Path, parsed: Parsed, *, tokens: int = 42, overlap: int = 8) -> list[str]:
    chunks = Chunker(words, tokens=tokens, overlap=overlap).chunks(parsed, document_id="d", version=3)
    assert [c.chunk_id for c in chunks] == [f"d.3.{n}" for n in range(len(chunks))]
    assert all(parsed.text[c.start : c.end] == c.text for c in chunks)
    return [c.text for c in chunks]


@example(text="11.1.1.1.\na.1.1.1.1")  # its middle is a line's end
@given(text=st.text(alphabet=st.sampled_from(list("abcé😀 .\n#-|A1")), max_size=600))
def test_chunks_quote_the_text_and_leave_no_word_out(words: Path, text: str) -> None:
    parsed = Parsed(text=text, media_type="text/markdown", markdown=True, headings=markdown_headings(text))
    chunks = Chunker(words, tokens=18, overlap=4).chunks(parsed, document_id="d", version=1)
    covered = set()
    for chunk in chunks:
        assert parsed.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text == chunk.text.strip()
        covered.update(range(chunk.start, chunk.end))
    assert all(i in covered for i, char in enumerate(text) if not char.isspace())


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0, 1, 2, 3, 12, 15])), max_size=60), st.integers(0, 10))
def test_runs_are_bounded_ordered_and_complete(shape: list[tuple[int, int]], overlap: int) -> None:
    pieces = [Unit(i, i + 1, strength) for i, (_, strength) in enumerate(shape)]
    counts = [count for count, _ in shape]
    runs = pack(pieces, counts, 40, overlap)
    assert all(sum(counts[a:b]) <= 40 for a, b in runs)
    assert {i for a, b in runs for i in range(a, b)} == set(range(len(pieces)))
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(runs))


def test_a_chunk_ends_where_a_section_does(words: Path) -> None:
    text = "# One\n\n" + "Alpha beta gamma delta. " * 5 + "\n\n# Two\n\n" + "Epsilon zeta eta theta. " * 5
    parsed = Parsed(text=text, media_type="text/markdown", markdown=True, headings=markdown_headings(text))
    assert [chunk.split("\n")[0] for chunk in cut(words, parsed)] == ["# One", "# Two"]


def test_sentences_stay_whole_and_neighbours_share_one(words: Path) -> None:
    text = " ".join(f"This is sentence number {n} of many." for n in range(20))
    chunks = cut(words, Parsed(text=text, media_type="text/plain"))
    assert all(chunk.startswith("This") and chunk.endswith("many.") for chunk in chunks)
    assert all(one.rsplit(" This", 1)[1][:10] in two for one, two in itertools.pairwise(chunks))


def test_a_sentence_longer_than_a_chunk_is_cut_between_words(words: Path) -> None:
    text = " ".join(f"word{n}" for n in range(300))
    chunks = cut(words, Parsed(text=text, media_type="text/plain"))
    assert max(len(chunk.split()) for chunk in chunks) <= 40
    assert {word for chunk in chunks for word in chunk.split()} == set(text.split())


def test_rows_are_never_cut_and_never_shared(words: Path) -> None:
    parsed = parse(b"a,b\n" + b"".join(b"x%d,y%d\n" % (n, n) for n in range(40)), "t.csv")
    lines = [line for chunk in cut(words, parsed) for line in chunk.split("\n")]
    assert lines == [f"a: x{n}; b: y{n}" for n in range(40)]


def test_a_chunk_knows_its_headings_and_what_it_lacks(words: Path) -> None:
    text = "# Shop\n\n## Returns\n\n" + "Send it back soon. " * 12 + "\n\n### Fees\n\n" + "We pay the fees. " * 12
    parsed = Parsed(text=text, media_type="text/markdown", markdown=True, headings=markdown_headings(text))
    chunks = Chunker(words, tokens=42, overlap=8).chunks(parsed, document_id="d", version=1, title="Shop")
    assert chunks[-1].heading == "Shop › Returns › Fees"
    assert chunks[-1].passage().startswith("Shop › Returns")
    assert chunks[0].context == ""


def test_a_sentence_does_not_end_at_an_abbreviation() -> None:
    text = "Dr. J. Smith of Acme Inc. came on 3. May at noon. He left."
    assert [text[u.start : u.end] for u in units(text)] == [text[:-9], "He left."]


def test_each_run_of_a_markdown_table_s_rows_is_told_under_its_columns_names(words: Path) -> None:
    rows = "".join(f"| lamp {n} | {n} euros |\n" for n in range(40))
    text = f"# Prices\n\nBefore.\n\n| product | price |\n|---|:-:|\n{rows}\nAfter the table.\n"
    parsed = parse(text.encode(), "a.md")
    chunks = Chunker(words, tokens=60, overlap=8).chunks(parsed, document_id="d", version=1)
    within = [c for c in chunks if c.text.startswith("| lamp")]
    assert len(within) > 3
    assert {c.context for c in within} == {"Prices › product | price"}
    assert "product | price" not in next(c for c in chunks if "Before." in c.text).context


def test_each_row_of_an_office_file_s_table_says_its_columns_names_in_every_chunk(words: Path) -> None:
    rows = [["product", "price"], *([f"lamp {n}", f"{n} euros"] for n in range(40))]
    row = "".join(f"<w:tr>{''.join(_docx_cell(cell) for cell in each)}</w:tr>" for each in rows)
    parsed = parse(docx_of(f"<w:tbl>{row}</w:tbl>"), "a.docx")
    chunks = Chunker(words, tokens=60, overlap=8).chunks(parsed, document_id="d", version=1)
    lines = [line for c in chunks for line in c.text.split("\n")]
    assert len(chunks) > 3
    assert all(line.startswith("- product: lamp ") and "; price: " in line for line in lines)


def test_pages_and_sheets_are_kept_for_citations(words: Path) -> None:
    sheets = {"Stock": [["name", "price"], ["Lamp", 3]], "Orders": [["order", "city"], ["o1", "Graz"]]}
    parsed = parse(xlsx_of(sheets), "a.xlsx")
    chunks = Chunker(words, tokens=60, overlap=8).chunks(parsed, document_id="d", version=1)
    assert [(c.page, c.heading, c.text) for c in chunks] == [
        (1, "Stock", "name: Lamp; price: 3"),
        (2, "Orders", "order: o1; city: Graz"),
    ]


def _docx_cell(text: str) -> str:
    return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
