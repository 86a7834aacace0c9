"""The memory of a process that answers people: what its start has made is not looked through again.

A full collection looks at every object and stops every thread meanwhile: 80 ms for the imports of a cell alone
(measured), seen by whoever was waiting just then.

Held by tests/unit/runtime/test_heap.py.
"""

from __future__ import annotations

import gc


def settle() -> None:
    """To be called once, when a process is ready to serve: later collections look at what was made since alone."""
    gc.collect()
    gc.freeze()
