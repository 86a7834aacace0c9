"""What an actor's author gets from ``runtime`` itself: exactly these names, at no cost until one is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import runtime

ROOT = Path(runtime.__file__).resolve().parents[1]
README = ROOT / "runtime" / "README.md"

TO_WRITE_AN_ACTOR = "Actor ActorContext ActorId Effect Kind RetryPolicy Turn TurnFacts handles"
EFFECTS = "AppendHistory CancelReminder Schedule SendOut SetReminder TouchConversation answer_with"
TO_TALK_TO_ONE = "Cells Envelope Principal Receipt Role StreamEvent Tier Trace Verdict new_id"
CHANNELS = "Channel Found Outgoing Outlet Resolution"
TO_RUN_A_CELL = "Cell Clock Codec Journal Limits Random SystemClock open_cell"
ERRORS = (
    "Conflict DeadlineExceeded Fenced Forbidden Invalid Moved NotFound Overloaded RagleapError Retryable Terminal "
    "TooLarge Unauthorized Unavailable"
)
EXPORTS = {*" ".join((TO_WRITE_AN_ACTOR, EFFECTS, TO_TALK_TO_ONE, CHANNELS, TO_RUN_A_CELL, ERRORS)).split()}


def test_the_door_exports_these_names_and_no_others() -> None:
    assert sorted(runtime.__all__) == sorted(EXPORTS)


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_every_name_leads_to_the_thing_of_that_name(name: str) -> None:
    assert getattr(runtime, name).__name__ == name


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        runtime.Nothing  # noqa: B018


def test_a_type_checker_sees_what_the_door_exports() -> None:
    source = Path(runtime.__file__).read_text()
    typed = source.split("if TYPE_CHECKING:\n", 1)[1].split("\n_ERRORS", 1)[0]
    imported = re.sub(r"^ *from \S+ import|[(),]", " ", typed, flags=re.MULTILINE).split()
    assert sorted(imported) == sorted(EXPORTS)


def test_the_door_and_its_light_modules_import_neither_ray_nor_sqlalchemy() -> None:
    program = (
        "import sys, runtime, runtime.errors, runtime.config\n"
        "from runtime import ids, Invalid, Tier\n"
        "print([name for name in ('ray', 'sqlalchemy', 'runtime.actor') if name in sys.modules])"
    )
    assert _run(program, ROOT) == "[]\n"


def test_a_cell_knows_nothing_of_ray() -> None:
    assert _run("import sys, runtime.cell, runtime.local_cell\nprint('ray' in sys.modules)", ROOT) == "False\n"


def test_the_readmes_example_runs_answers_once_and_is_no_longer_than_thirty_lines(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", README.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert len(example.splitlines()) <= 30
    assert "accepted\n['Welcome, Ada.']\n" in _run(example, tmp_path)
    assert "duplicate\n['Welcome, Ada.']\n" in _run(example, tmp_path)


def _run(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
