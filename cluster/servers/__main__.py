"""``python -m cluster.servers``: gets the files of every real server onto this machine, and says which it can't."""

from __future__ import annotations

import os
import sys

from cluster.servers.files import FILES, servers_dir
from runtime.config import Settings
from runtime.errors import RagleapError


def main() -> int:
    """Exit status 0, or 1 where a server's files are not there."""
    folder = servers_dir(Settings.from_environment(os.environ))
    status = 0
    for name, files in FILES.items():
        try:
            found = files(folder, say=lambda line: print(line, flush=True))
            print(f"{name}: present in {found}", flush=True)
        except (RagleapError, OSError) as error:
            print(f"{name}: its tests will be skipped. {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
