"""A tenant under fire: its client, and everything that was accepted from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import made_files
from businesses import generate
from chaos.patient_client import Asked, PatientClient
from running_stack import RunningStack, TenantAccess

POLICIES = Path(__file__).resolve().parents[2] / "cluster" / "sample_business" / "policies"
QUESTIONS = (
    "How much does express shipping cost?",
    "How long is the warranty on lamps and lighting?",
    "Within how many days can I return something that I have not used?",
    "How long is a gift card valid?",
    "What is the monthly salary of a workshop assistant?",
)


@dataclass(kw_only=True)
class Shop:
    """``jobs``: upload's key → its job when it ended. ``asked``: accepted questions, in order within a session."""

    access: TenantAccess
    client: PatientClient
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @classmethod
    def opened(cls, stack: RunningStack, name: str) -> Shop:
        access = stack.create_tenant(name)
        return cls(access=access, client=PatientClient(stack.url, access.key))

    @property
    def tenant(self) -> str:
        return self.access.tenant


def files(folder: Path) -> Mapping[str, bytes]:
    """File name → content: tables that join, mails, policies of several kinds, one long text."""
    business = generate(4, folder)
    tables = [file for file in business.files if file.suffix == ".csv"]
    mails = [file for file in business.files if file.suffix == ".eml"][:9]
    chosen = {file.name: file.read_bytes() for file in (*tables, *mails, *sorted(POLICIES.iterdir()))}
    chosen["rules.md"] = rules(60)
    return dict(sorted(chosen.items(), key=lambda each: each[0][::-1]))


def rules(number: int) -> bytes:
    """A text of so many rules."""
    return made_files.markdown(
        "House rules",
        [
            f"Rule {n}: Warden {n} of Gate {n * 7 % 101} counts the lanterns of aisle {n * 13 % 97}. " * 6
            for n in range(number)
        ],
    )
