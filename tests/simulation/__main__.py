"""``make simulate``: many seeds on every core, then a table of what happened: one sees that the trouble is real.

``python -m simulation --seeds 10000 [--from 0]`` runs seeds; ``--replay SEED`` plays one and prints everything it did.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from simulation.run import Outcome, run

CHUNK = 25
SHOWN = 10  # failing seeds that are printed


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--replay", type=int)
    options = parser.parse_args()
    if options.replay is not None:
        outcome = run(options.replay, logs=True)
        print("\n".join(story(outcome)))
        return bool(outcome.breaches)
    return simulate(range(options.first, options.first + options.seeds))


def simulate(seeds: range) -> int:
    """Run ``seeds`` on every core; returns the number of failed ones, at most 1 as an exit status."""
    began, tally, failed, done = time.monotonic(), Counter[str](), list[Outcome](), 0
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for counted, breached in pool.map(_chunk, chunks):
            tally += counted
            failed += breached
            done += CHUNK
            spent = time.monotonic() - began
            print(f"\r{min(done, len(seeds))} of {len(seeds)} seeds, {len(failed)} failed, {spent:.0f} s ", end="")
            sys.stdout.flush()
    print()
    for name, number in sorted(tally.items()):
        print(f"{number:>12,}  {name}")
    for outcome in failed[:SHOWN]:
        print("\n".join(report(outcome)))
    print(f"{len(seeds)} seeds, {len(failed)} failed: {[outcome.seed for outcome in failed][:50]}")
    return bool(failed)


def report(outcome: Outcome) -> Iterator[str]:
    """What a failed seed broke, and how to see it again."""
    yield f"seed {outcome.seed}:"
    yield from (f"    {breach}" for breach in outcome.breaches[:SHOWN])
    yield f"    replay: make simulate ARGS='--replay {outcome.seed}'"


def story(outcome: Outcome) -> Iterator[str]:
    """The whole trace, then the verdict."""
    yield from (f"{at:10.4f}  {what}" for at, what in outcome.trace)
    yield from report(outcome) if outcome.breaches else (f"seed {outcome.seed} holds every promise",)


def _chunk(seeds: range) -> tuple[Counter[str], list[Outcome]]:
    tally, failed = Counter[str](), []
    for seed in seeds:
        outcome = run(seed)
        tally += outcome.tally
        tally["callbacks"] += outcome.steps
        if outcome.breaches:
            outcome.trace.clear()  # it is made anew by the replay
            failed.append(outcome)
    return tally, failed


if __name__ == "__main__":
    sys.exit(main())
