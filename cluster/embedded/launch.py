"""The last step before a child's own program: ties its life to its parent's, sets its variables, then becomes it.

Run as a file by a bare interpreter (``python -I -S launch.py PARENT_PID [NAME=VALUE ...] -- COMMAND ...``), so it
imports nothing of ours. ``PR_SET_PDEATHSIG`` survives ``execve`` (prctl(2)); the kernel then kills the child when the
thread that started it ends, also when that was by SIGKILL.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    parent = int(arguments[0])
    variables = dict(pair.split("=", 1) for pair in arguments[1:split])
    command = arguments[split + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # the parent died before the tie was made
        sys.exit(1)
    os.environ.update(variables)
    os.execvp(command[0], command)  # noqa: S606 - becoming the child is this file's purpose


if __name__ == "__main__":
    main(sys.argv[1:])
