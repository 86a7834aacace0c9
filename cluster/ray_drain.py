"""``python -m cluster.ray_drain ADDRESS``: asks the cells to finish what runs, before Ray is stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from cluster.ray_boot import NAMESPACE
from runtime.config import Settings
from runtime.journal import Journal

_DEADLINE_S = 25.0  # above runtime.limits' drain_s: a cell that waits for a turn still gives its leases back


def main(address: str) -> int:
    import ray

    ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.ERROR)
    asyncio.run(_drain())
    return 0


async def _drain() -> None:
    from cluster.doors import cells

    settings = Settings.from_environment(os.environ)
    journal = Journal(settings.database_url, read_only=True)
    async with asyncio.timeout(_DEADLINE_S):
        await cells(settings, journal).administer_every("drain", {})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
