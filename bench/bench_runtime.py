"""The actor runtime beside raw Ray actors, xoscar, and Celery with Redis and Gunicorn, in one run on one machine.

In a cell: one process (:mod:`bench.rig.asks`). Durable: an HTTP request through HAProxy and the product's gateway to
the cell, a light session's turn, its outbox row sent to a local sink (:mod:`bench.rig.inbound`, ``light``, ``sink``);
Celery's task keeps the same history in SQLite and sends to the same sink (:mod:`bench.baselines.celery_app`). "Per
core" is per second of processor time, which a busy machine does not falsify; ratios are of rates on the clock.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from report import Row, publish  # noqa: E402

from bench.baselines.celery_stack import celery_stack  # noqa: E402
from bench.rig.driver import Plan  # noqa: E402
from bench.rig.durable import Flow, SinkProcess, flow, sink  # noqa: E402
from bench.rig.stack import LightStack, light_stack  # noqa: E402
from cluster.process_tree import pss_kb  # noqa: E402

ROUNDS, MESSAGES = 3, 2_500
TENANTS, SESSIONS = 50, 1_000


def main() -> None:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="rb-") as folder, sink() as arrivals:
        for name in ("in_cell", "stack", "celery"):
            (Path(folder) / name).mkdir()
        inside, xoscar = (
            program("bench.rig.asks", str(Path(folder) / "in_cell")),
            program("bench.baselines.xoscar_actors"),
        )
        with light_stack(Path(folder) / "stack", sink=arrivals.port, tenants=TENANTS) as stack:
            rows += asks(inside, stack.measure("raw"), xoscar)
            live = sessions(stack, arrivals)
            ours = [flow(plan(stack, f"r{n}"), arrivals) for n in range(ROUNDS)]
            steady = flow(plan(stack, "steady", rate=200.0, messages=3_000), arrivals)
            back = kills(stack, arrivals)
        with celery_stack(Path(folder) / "celery", sink=arrivals.port) as port:
            celery = {
                path: flow(plan(stack, f"c{path}", port=port, path=f"/{path}", messages=1_500), arrivals)
                for path in ("turn", "send")
            }
    rows += durable(ours, steady, celery["turn"], celery["send"])
    rows += small(inside)
    rows += back
    rows.append(live)
    publish("runtime", "make bench-runtime", rows)


def program(module: str, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    return json.loads(done.stdout.splitlines()[-1])


def asks(inside: Any, raw: Any, xoscar: Any) -> list[Row]:
    many, one = inside["many"], inside["one"]
    per_core, near, wall = many["per_core"], xoscar["near"]["per_core"], many["per_second"]
    times = wall / raw["per_second"]
    return [
        Row(figure="in-cell asks/s per core, 64 askers, deadlines on, no durability", value=round(per_core),
            bar=">= 50000", baseline=f"xoscar, one process: {near:,.0f}", ratio=per_core / near),
        Row(figure="in-cell asks/s over raw Ray actor calls/s, 64 askers", value=round(times, 1), unit="times",
            bar=">= 25", baseline=f"{wall:,.0f} on the clock, raw Ray {raw['per_second']:,.0f}", ratio=times),
        *(
            Row(figure=f"ask round trip, one asker, {name}", value=round(one[f"{name}_us"], 1), unit="µs",
                baseline=f"raw Ray {raw[f'{name}_us']:.0f}, xoscar to another process "
                f"{xoscar['one_far'][f'{name}_us']:.0f}", ratio=one[f"{name}_us"] / raw[f"{name}_us"])
            for name in ("p50", "p99")
        ),
    ]  # fmt: skip


def durable(ours: list[Flow], steady: Flow, turn: Flow, send: Flow) -> list[Row]:
    best = sorted(ours, key=lambda each: each.rate)[len(ours) // 2]
    assert not any(each.lost or each.doubled for each in (*ours, steady)), "a message was lost or doubled"
    what = "durable messages/s, HTTP in → turn → row sent to the sink, 64 connections, SQLite synchronous=FULL"
    return [
        Row(figure=what, value=round(best.rate), bar=">= 400",
            baseline=f"Celery + Redis + Gunicorn {turn.rate:.0f}; its task without history {send.rate:.0f}",
            ratio=best.rate / turn.rate),
        Row(figure="durable messages/s over Celery + Redis + Gunicorn", value=round(best.rate / turn.rate, 2),
            unit="times", bar=">= 3", baseline=f"over its task without history {best.rate / send.rate:.2f}"),
        Row(figure="  the driver's share of a core meanwhile", value=round(100 * best.driver_cpu, 1), unit="%",
            baseline=f"Celery {100 * turn.driver_cpu:.1f}"),
        Row(figure="acknowledge p99 at 200 msg/s", value=round(steady.percentile(0.99), 1), unit="ms", bar="<= 25",
            baseline=f"p50 {steady.percentile(0.5):.1f}"),
    ]  # fmt: skip


def small(inside: Any) -> list[Row]:
    took = inside["activations_ms"]
    return [
        Row(figure="idle session in memory", value=round(inside["idle_kb"], 1), unit="KB", bar="<= 10"),
        Row(figure="activation p99 with state load", value=round(took[int(0.99 * len(took))], 2), unit="ms",
            bar="<= 10", baseline=f"p50 {statistics.median(took):.2f}"),
    ]  # fmt: skip


def sessions(stack: LightStack, arrivals: SinkProcess) -> Row:
    """Each of the sessions of all tenants is woken by a message and stays."""
    each = SESSIONS // TENANTS
    for number, key in enumerate(stack.keys):
        flow(plan(stack, f"live{number}", key=key, messages=each, conversations=each), arrivals)
    return Row(
        figure="1,000 live sessions over 50 tenants, the cell's PSS", value=round(pss_kb(stack.cell) / 1024), unit="MB",
        bar="<= 250",
    )  # fmt: skip


def kills(stack: LightStack, arrivals: SinkProcess) -> list[Row]:
    """Messages flow while the cell is killed again and again; then the journal tells."""
    under: list[Flow] = []
    flowing = threading.Thread(
        target=lambda: under.append(flow(plan(stack, "kills", key=stack.keys[1], rate=40.0, messages=1_200), arrivals))
    )
    flowing.start()
    found = stack.measure("kills")
    flowing.join()
    cell, raw = statistics.median(found["cell"]), statistics.median(found["raw"])
    with sqlite3.connect(f"file:{stack.journal}?mode=ro", uri=True) as journal:
        (doubled,) = journal.execute(
            "SELECT count(*) FROM (SELECT 1 FROM history WHERE author = 'assistant' "
            "GROUP BY tenant_id, message_id HAVING count(DISTINCT turn_id) > 1)"
        ).fetchone()
    return [
        Row(figure="kill -9 of a cell → next reply, over a raw Ray actor with the same imports",
            value=round(cell / raw, 2), unit="times", bar="<= 1.3", baseline=f"cell {cell:.2f} s, raw {raw:.2f} s",
            ratio=cell / raw),
        Row(figure=f"  acknowledged messages lost over {len(found['cell'])} kills", value=under[0].lost, bar="<= 0",
            baseline=f"{1_200 - under[0].refused} acknowledged, {under[0].refused} refused"),
        Row(figure="  doubled turns", value=doubled, bar="<= 0"),
    ]  # fmt: skip


def plan(stack: LightStack, prefix: str, **other: Any) -> Plan:
    usual = {"port": stack.port, "path": "/bench/messages", "key": stack.keys[0], "connections": 64,
             "messages": MESSAGES, "conversations": 200}  # fmt: skip
    return Plan(prefix=prefix, **{**usual, **other})


if __name__ == "__main__":
    main()
