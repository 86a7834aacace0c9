"""The embedded vector server's own program beside what pymilvus asks of it."""

from __future__ import annotations

import asyncio

import grpc.aio  # type: ignore[import-untyped]

from cluster.embedded.milvus_lite import MilvusLite

# As pymilvus sets them (client/async_grpc_handler.py). gRPC asks no more often, whatever it is told.
PYMILVUS = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
)
_IDLE_S = 45  # by default a server ends the connection at the third question or fourth, after 40 s


async def test_a_client_that_only_asks_whether_it_is_there_keeps_its_connection(vector_server: MilvusLite) -> None:
    async with grpc.aio.insecure_channel(vector_server.uri.removeprefix("http://"), PYMILVUS) as channel:
        async with asyncio.timeout(10):
            await channel.channel_ready()
        for_a_while = asyncio.wait_for(channel.wait_for_state_change(grpc.ChannelConnectivity.READY), _IDLE_S)
        (ended,) = await asyncio.gather(for_a_while, return_exceptions=True)

    assert isinstance(ended, TimeoutError), "the server has ended the connection"
