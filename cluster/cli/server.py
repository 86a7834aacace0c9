"""Which server a command speaks to, and with which key: given, or found in a data directory of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.cli.client import Client, connect
from cluster.data_dir import DataDir
from runtime.errors import Invalid

_TOKEN_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """``key`` is the operator's where it was found here, whatever was given else."""

    url: str
    key: str
    local: bool

    @classmethod
    def find(cls, *, url: str, key: str, data_dir: Path) -> Server:
        """Raises NotFound where no server is named and none runs on ``data_dir``, Invalid where its key is missing."""
        data = DataDir(data_dir)
        if not url:
            told = data.read_stack()
            found = key or data.secret("operator.key")
            return cls(url=str(told["url"]), key=found, local=not key)
        if not key:
            raise Invalid(f"{url} asks for a key.", do="Give it with --key or RAGLEAP_KEY.")
        return cls(url=url, key=key, local=False)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Client]:
        """A client for the calls about tenants."""
        async with connect(self.url, self.key) as client:
            yield client

    @asynccontextmanager
    async def tenant(self, name: str) -> AsyncIterator[Client]:
        """A client for one tenant's calls. Locally a short-lived key is made; a given key is the tenant's own."""
        if not self.local:
            async with connect(self.url, self.key) as client:
                yield client
            return
        async with connect(self.url, self.key) as operator:
            key = await operator.mint(name or await only_tenant(operator), _TOKEN_S)
        async with connect(self.url, key) as client:
            yield client


async def only_tenant(operator: Client) -> str:
    """The one tenant that there is; raises Invalid naming all where there are more."""
    tenants = await operator.tenants()
    if len(tenants) == 1:
        return str(tenants[0]["tenant"])
    known = ", ".join(str(tenant["name"]) for tenant in tenants) or "none yet: `ragleap tenant create NAME`"
    raise Invalid("Which tenant?", do=f"Name one with --tenant ({known}).")
