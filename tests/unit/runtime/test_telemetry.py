"""What is logged: events with fields, which carry what they are about, and nothing that was said."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from toys import House, Look, Write, envelope

import runtime
from runtime import telemetry
from runtime.message import Trace

ROOT = Path(runtime.__file__).resolve().parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)*")

PROGRAM = """
import structlog
from runtime import telemetry
from runtime.message import Trace

telemetry.configure("INFO")
log = structlog.get_logger("x")
log.info("before.anything")
telemetry.about(Trace(trace_id="t1", span_id="s1"))
log.debug("not.shown")
log.info("thing.done", number=1, trace_id="its own")
with telemetry.span("store.read", table="x"):
    pass
try:
    with telemetry.span("store.write", table="y"):
        raise KeyError("what was said")
except KeyError:
    log.exception("thing.failed")
"""


def _logged(program: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_each_event_is_one_line_of_json_with_its_name_fields_level_and_time() -> None:
    before, done, written, failed = _logged(PROGRAM)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(before.pop("timestamp")))
    assert before == {"event": "before.anything", "level": "info"}
    assert {name: done[name] for name in ("event", "number", "level")} == {
        "event": "thing.done",
        "number": 1,
        "level": "info",
    }
    assert (written["event"], written["level"], written["error"]) == ("store.write", "warning", "KeyError")
    assert "KeyError" in str(failed["exception"])


def test_a_call_is_timed_at_debug_level_and_one_that_fails_is_a_warning() -> None:
    shown = _logged(PROGRAM.replace('"INFO"', '"DEBUG"'))

    calls = {str(line["event"]): line for line in shown if str(line["event"]).startswith("store.")}
    assert {name: line["level"] for name, line in calls.items()} == {"store.read": "debug", "store.write": "warning"}
    assert all(float(str(line["ms"])) >= 0 and line["trace_id"] == "t1" for line in calls.values())
    assert "what was said" not in str(calls)


def test_what_an_event_says_itself_stands_before_what_it_is_about() -> None:
    done = _logged(PROGRAM)[1]

    assert done["trace_id"] == "its own"


async def test_what_is_being_worked_on_goes_with_its_task_and_those_it_starts_and_with_no_other() -> None:
    async def work(trace_id: str) -> list[object]:
        telemetry.about(Trace(trace_id=trace_id, span_id="s"))
        await asyncio.sleep(0)
        below = await asyncio.create_task(_told())
        return [(await _told()), below]

    found = await asyncio.gather(work("one"), work("two"))

    assert found == [["one", "one"], ["two", "two"]]
    assert await _told() is None


async def _told() -> object:
    await asyncio.sleep(0)
    return telemetry.add_subject(None, "info", {"event": "x"}).get("trace_id")


async def test_the_fields_are_made_when_something_is_logged_and_not_before() -> None:
    class Counting:
        made = 0

        def log_fields(self) -> Mapping[str, str]:
            self.made += 1
            return {"trace_id": "t"}

    subject = Counting()

    async def work() -> None:
        telemetry.about(subject)
        await asyncio.sleep(0)
        assert subject.made == 0
        telemetry.add_subject(None, "info", {"event": "x"})

    await asyncio.create_task(work())

    assert subject.made == 1


@pytest.mark.parametrize("body", [Write(text="words of a person"), Look(text="words of a person")])
async def test_what_is_logged_for_a_message_bears_its_tenant_actor_id_and_trace_and_not_its_text(
    house: House, capsys: pytest.CaptureFixture[str], body: object
) -> None:
    house.stage.always["words of a person"] = lambda: RuntimeError("bug")
    cell = await house.cell()
    message = envelope(body, house.clock)

    with pytest.raises(Exception, match="failed unexpectedly"):
        await cell.ask(message)

    logged = capsys.readouterr().out
    [crash] = [line for line in logged.splitlines() if "actor.crashed" in line]
    for told in ("acme", "toy/main", message.message_id, message.trace.trace_id):
        assert repr(told) in crash
    assert "words of a person" not in logged


def test_the_name_of_an_event_is_written_where_it_is_logged_and_is_no_sentence() -> None:
    wrong = [found for path in _sources() for found in _unnamed_events(path.read_text(), path.name)]

    assert wrong == []


def test_an_event_with_data_in_its_name_or_a_sentence_is_found() -> None:
    source = 'log.info(f"sent {n}")\nlog.error("it went wrong")\nlog.info("all.well")\nlog.info("a" if x else "b c")'

    assert _unnamed_events(source, "x.py") == ["x.py:1", "x.py:2", "x.py:4"]


def _sources() -> Iterator[Path]:
    for package in ("runtime", "actors", "cluster"):
        yield from (ROOT / package).rglob("*.py")


def _unnamed_events(source: str, name: str) -> list[str]:
    """Where something is logged under another thing than a literal name; ``span`` names what it is given."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    wrong = []
    for call in calls:
        function = call.func
        if not (isinstance(function, ast.Attribute) and function.attr in LEVELS and call.args):
            continue
        if not (isinstance(function.value, ast.Name) and function.value.id.strip("_") == "log"):
            continue
        event = call.args[0]
        names = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
        if name == "telemetry.py" and isinstance(event, ast.Name):
            continue
        if not all(isinstance(each, ast.Constant) and EVENT.fullmatch(str(each.value)) for each in names):
            wrong.append(f"{name}:{call.lineno}")
    return wrong
