from __future__ import annotations

from pathlib import Path

import pytest

from cluster.cli.upload import address_id, document_id, find
from runtime.errors import Invalid


def test_a_folder_gives_its_files_without_the_hidden_ones(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("a.md", "sub/b.pdf", ".hidden", ".git/config"):
        (folder / name).write_text("x")
    found = find([str(folder), str(folder / "a.md")])
    assert [upload.document_id for upload in found] == ["docs:a.md", "docs:sub:b.pdf"]


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no"):
        find([str(tmp_path / "nothing")])


def test_the_same_file_always_gets_the_same_id_and_different_ones_never_share_one() -> None:
    names = ["a b.md", "a-b.md", "ä b.md", "x" * 300 + ".md", "x" * 301 + ".md", "-a.md", ".a.md"]
    ids = [document_id(Path(name)) for name in names]
    assert ids == [document_id(Path(name)) for name in names]
    assert len(set(ids)) == len(ids)
    assert all(len(each) <= 128 for each in ids)


def test_an_address_is_fetched_by_the_server_and_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    found = find(["https://shop.example/returns", str(tmp_path / "a.md"), "https://shop.example/returns"])
    assert [(upload.source, upload.document_id) for upload in found] == [
        ("https://shop.example/returns", "shop.example:returns"),
        (tmp_path / "a.md", "a.md"),
    ]


def test_the_same_page_always_gets_the_same_id_and_different_ones_never_share_one() -> None:
    pages = ["https://a.example/x", "https://a.example/x?page=2", "https://a.example/x/y", "https://b.example/x"]
    ids = [address_id(page) for page in pages]
    assert len(set(ids)) == len(pages)
    assert address_id("http://A.example/x#returns") == ids[0]
