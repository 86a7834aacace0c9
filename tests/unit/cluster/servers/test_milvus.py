"""A Milvus server's files and its settings."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cluster.servers import milvus_files
from cluster.servers.milvus import filled
from runtime.errors import Terminal


def test_a_template_is_filled_with_values_and_defaults() -> None:
    template = "a: {{ proxy_port(int): 19530 }}\nb: {{ etcd_data_dir }}\nc: {{ etcd_log_level: info }} # said\n"
    values = {"proxy_port": "7", "etcd_data_dir": "/x"}
    assert filled(template, values) == "a: 7\nb: /x\nc: info # said\n"


def test_files_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    there = tmp_path / f"milvus-{milvus_files.VERSION}-{milvus_files._SHA256[:12]}"
    there.mkdir()
    assert milvus_files.milvus_files(tmp_path, say=pytest.fail) == there


def test_a_wheel_without_a_server_in_it_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "milvus.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("milvus/__init__.py", "")
    with pytest.raises(Terminal, match="does not hold a Milvus server"):
        milvus_files._unpack(wheel, tmp_path)
