"""A database's URL says where and as whom, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.database.dialects import Family
from actors.database.target import target_of
from runtime.errors import Invalid


@pytest.mark.parametrize(
    ("url", "family", "driver"),
    [
        ("postgresql://a:b@db.example/shop", Family.POSTGRES, "postgresql+psycopg"),
        ("postgresql+asyncpg://a:b@db.example/shop?sslmode=require", Family.POSTGRES, "postgresql+psycopg"),
        ("mysql://a:b@db.example:3307/shop", Family.MYSQL, "mysql+pymysql"),
        ("mariadb+mysqldb://a:b@db.example/shop", Family.MYSQL, "mysql+pymysql"),
    ],
)
def test_the_driver_is_ours(url: str, family: Family, driver: str) -> None:
    target = target_of(url)
    assert (target.family, target.url.drivername) == (family, driver)
    assert "b@" not in repr(target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "oracle://a:b@db.example/shop",
        "postgresql://a:b@db.example",
        "postgresql://a:b@db.example/shop?service=x",
        "postgresql://a:b@db.example/shop?options=-c%20default_transaction_read_only=off",
        "postgresql://a:b@db.example/shop?passfile=/etc/passwd",
        "mysql://a:b@db.example/shop?read_default_file=/etc/passwd",
        "mysql://a:b@db.example/shop?local_infile=1",
        "postgresql://a@/shop?host=/run/postgresql",
        "mysql://a:b@localhost/shop?unix_socket=/run/mysqld.sock",
        "sqlite:///shop.db",
        "sqlite://",
    ],
)
def test_a_url_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        target_of(url)


def test_an_sqlite_file_is_one_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for file in (tmp_path / "journal.db", tmp_path / "files" / "shop.db"):
        file.touch()
    (tmp_path / "files" / "link.db").symlink_to(tmp_path / "journal.db")
    folder = tmp_path / "files"
    assert target_of("sqlite:///shop.db", sqlite_folder=folder).file == folder / "shop.db"
    for url in ("../journal.db", f"/{tmp_path}/journal.db", "link.db", "none.db", "shop.db?mode=rw", ":memory:"):
        with pytest.raises(Invalid):
            target_of(f"sqlite:///{url}", sqlite_folder=folder)
