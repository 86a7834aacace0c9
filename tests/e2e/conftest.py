"""What the end-to-end tests share: tenants of their own in the one running stack, and a look into its stores."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from tenant_client import TenantClient

from runtime.ids import new_id


@pytest.fixture
def access(stack: RunningStack) -> TenantAccess:
    """A new tenant with nothing in it."""
    return stack.create_tenant(new_id("shop"))


@pytest.fixture
async def tenant(stack: RunningStack, access: TenantAccess) -> AsyncIterator[TenantClient]:
    """The new tenant's client."""
    client = TenantClient(stack.url, access.key)
    yield client
    await client.close()


@pytest.fixture(scope="session")
async def stores(stack: RunningStack) -> AsyncIterator[StackStores]:
    """The running stack's stores, to read in."""
    opened = StackStores(stack.data_dir)
    yield opened
    await opened.close()
