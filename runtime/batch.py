"""A batch of envelopes, taken tenant by tenant: by the cell that serves each, and under each tenant's own lease.

Held by tests/unit/runtime/test_batch.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from runtime.message import Envelope, Receipt


async def taken_by_tenant(
    envelopes: Sequence[Envelope], take: Callable[[str, list[Envelope]], Awaitable[list[Receipt]]]
) -> list[Receipt]:
    """Receipts in the order of ``envelopes``; ``take`` gets each tenant's once, in the order of the batch.

    Raises what ``take`` raises; the tenants before that one have been taken by then.
    """
    by_tenant: dict[str, list[int]] = {}
    for index, envelope in enumerate(envelopes):
        by_tenant.setdefault(envelope.to.tenant, []).append(index)
    receipts: dict[int, Receipt] = {}
    for tenant, indexes in by_tenant.items():
        taken = await take(tenant, [envelopes[index] for index in indexes])
        receipts.update(zip(indexes, taken, strict=True))
    return [receipts[index] for index in range(len(envelopes))]
