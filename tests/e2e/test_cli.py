"""The command line against a running stack: what it prints, its JSON, and its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_stack import RunningStack, TenantAccess, as_json, ragleap

_POLICY = "# Returns\n\nAnything may be returned within forty days of delivery. The postage is ours.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents that can be read and one that can't."""
    made = tmp_path_factory.mktemp("documents")
    (made / "returns.md").write_text(_POLICY)
    (made / "hours.txt").write_text("The shop is open from nine to six, Mondays to Saturdays.")
    (made / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    return made


@pytest.fixture(scope="module")
def shop(stack: RunningStack, folder: Path) -> TenantAccess:
    """A tenant with the readable documents in it."""
    tenant = stack.create_tenant("command line")
    done = stack.ragleap("ingest", str(folder / "returns.md"), str(folder / "hours.txt"), "--tenant", tenant.tenant)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 documents are searchable" in done.stdout
    return tenant


def test_a_failed_file_is_named_with_its_reason_and_the_others_are_searchable(
    stack: RunningStack, folder: Path
) -> None:
    tenant = stack.create_tenant("partly broken")
    done = stack.ragleap("ingest", str(folder), "--tenant", tenant.tenant, "--json")
    assert done.returncode == 1
    told = {Path(row["file"]).name: row for row in as_json(done)["documents"]}
    assert {name: row["state"] for name, row in told.items()} == {
        "broken.pdf": "failed",
        "hours.txt": "done",
        "returns.md": "done",
    }
    assert told["broken.pdf"]["error"]
    assert told["returns.md"]["chunks"] >= 1


def test_an_address_inside_the_network_is_refused_with_the_reason(stack: RunningStack) -> None:
    tenant = stack.create_tenant("web pages")
    done = stack.ragleap("ingest", f"{stack.url}/healthz", "--tenant", tenant.tenant, "--json")
    assert done.returncode == 1
    (row,) = as_json(done)["documents"]
    assert (row["file"], row["state"]) == (f"{stack.url}/healthz", "failed")
    assert "public" in row["error"]


def test_an_answer_comes_with_what_it_rests_on(stack: RunningStack, shop: TenantAccess) -> None:
    done = stack.ragleap("ask", "How long may things be returned?", "--tenant", shop.tenant)
    assert done.returncode == 0, done.stderr
    assert "forty days" in done.stdout
    assert "[1]" in done.stdout
    answer = as_json(stack.ragleap("ask", "How long may things be returned?", "--tenant", shop.tenant, "--json"))
    assert answer["status"] == "answered"
    assert answer["citations"][0]["document_id"] == "returns.md"


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
def test_search_shows_the_passages(stack: RunningStack, shop: TenantAccess, mode: str) -> None:
    done = stack.ragleap("search", "opening hours of the shop", "--tenant", shop.tenant, "--mode", mode, "--json")
    assert done.returncode == 0, done.stderr
    found = as_json(done)["results"]
    assert "hours.txt" in {result["document_id"] for result in found}


def test_a_search_counts_last_month_from_the_day_that_it_is_asked_as_of(stack: RunningStack, tmp_path: Path) -> None:
    tenant = stack.create_tenant("two months of mail")
    for month in ("May", "Jun"):
        (tmp_path / f"{month}.eml").write_text(
            f"From: Ada Hale <ada@mail.example>\nDate: Tue, 12 {month} 2026 09:00:00 +0000\n"
            f"Message-ID: <{month}@mail.example>\nSubject: Broken kettle\n\n"
            "The kettle arrived broken, please send another one.\n"
        )
    assert stack.ragleap("ingest", str(tmp_path), "--tenant", tenant.tenant).returncode == 0
    for asked_as_of, month in (("2026-06-15", "May"), ("2026-07-15", "Jun")):
        done = stack.ragleap(
            *("search", "Whose kettle arrived broken last month?", "--as-of", asked_as_of, "-k", "1", "--json"),
            *("--tenant", tenant.tenant),
        )
        assert done.returncode == 0, done.stderr
        (result,) = as_json(done)["results"]
        assert result["document_id"].endswith(f"{month}.eml")


def test_a_tenants_own_key_reaches_the_server_by_its_url(stack: RunningStack, shop: TenantAccess) -> None:
    done = ragleap("ask", "When is the shop open?", RAGLEAP_URL=stack.url, RAGLEAP_KEY=shop.key)
    assert done.returncode == 0, done.stderr
    assert "nine to six" in done.stdout


def test_a_tenant_is_made_listed_and_removed(stack: RunningStack) -> None:
    made = as_json(stack.ragleap("tenant", "create", "For a moment", "--json"))
    assert made["key"].startswith("rlk_")
    assert made["tenant"] in stack.ragleap("tenant", "list").stdout
    gone = stack.ragleap("tenant", "delete", made["tenant"], "--yes")
    assert gone.returncode == 0, gone.stderr
    assert made["tenant"] not in stack.ragleap("tenant", "list").stdout
    asked = ragleap("ask", "Anybody?", "--url", stack.url, "--key", made["key"])
    assert asked.returncode == 1
    assert "unknown, revoked or expired" in asked.stderr


def test_an_unknown_tenant_is_said_in_one_sentence(stack: RunningStack) -> None:
    done = stack.ragleap("ask", "Anybody?", "--tenant", "nobody_at_all")
    assert done.returncode == 1
    assert "nobody_at_all" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_a_tenants_name_the_names_are_told_where_there_are_more(
    stack: RunningStack, shop: TenantAccess
) -> None:
    stack.create_tenant("yet another")
    done = stack.ragleap("ask", "Anybody?")
    assert done.returncode == 1
    assert "--tenant" in done.stderr
    assert "yet another" in done.stderr
