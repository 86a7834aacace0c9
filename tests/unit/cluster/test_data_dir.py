from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cluster import data_dir
from cluster.data_dir import DataDir
from runtime.errors import Conflict, Invalid, NotFound


def test_a_prepared_directory_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "new" / "place")
    data.prepare()
    assert stat.S_IMODE(data.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(data.run.stat().st_mode) == 0o700


def test_a_path_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(Invalid, match="--data-dir"):
        DataDir(file / "below").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_refused_in_one_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(Invalid, match="cannot be written"):
        DataDir(closed / "data").prepare()


def test_a_full_disk_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_dir, "_NEEDED_BYTES", 2**60)
    with pytest.raises(Invalid, match="full"):
        DataDir(tmp_path).prepare()


def test_a_second_stack_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    first, second = DataDir(tmp_path), DataDir(tmp_path)
    first.prepare()
    first.lock()
    with pytest.raises(Conflict, match="already running"):
        second.lock()
    first.unlock()
    second.lock()
    second.unlock()


def test_what_a_stack_told_is_found_only_while_it_runs(tmp_path: Path) -> None:
    running, other = DataDir(tmp_path), DataDir(tmp_path)
    running.prepare()
    running.lock()
    running.write_stack({"url": "http://127.0.0.1:1"})
    assert other.read_stack() == {"url": "http://127.0.0.1:1"}
    running.unlock()
    with pytest.raises(NotFound):
        other.read_stack()


def test_a_secret_stays_the_same_and_private(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.prepare()
    first = data.secret("operator.key")
    assert len(first) >= 32
    assert DataDir(tmp_path).secret("operator.key") == first
    assert stat.S_IMODE((data.run / "operator.key").stat().st_mode) == 0o600


def test_ray_gets_a_short_path_even_where_the_directory_has_a_long_one(tmp_path: Path) -> None:
    deep = DataDir(tmp_path / ("long" * 20))
    deep.prepare()
    ray_dir, proxy_dir = deep.ray_dir(), deep.proxy_dir()
    assert len(str(ray_dir)) <= 44
    assert len(str(proxy_dir)) <= 26
    assert stat.S_IMODE(ray_dir.stat().st_mode) == 0o700
    deep.remove_temporary()
    assert not ray_dir.exists()
    assert not proxy_dir.exists()


def test_a_temporary_folder_of_a_killed_stack_is_removed_at_the_next_start(tmp_path: Path) -> None:
    deep = DataDir(tmp_path / ("long" * 20))
    deep.prepare()
    left = deep.ray_dir()
    assert deep.ray_dir() != left
    assert not left.exists()
    deep.remove_temporary()
