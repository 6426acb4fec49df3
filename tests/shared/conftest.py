"""A Redis for each test that asks for one, and what the product opens on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odziv.shared.redis_server import RedisServer
from tests.shared.own_redis import OwnRedis, running_redis


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with running_redis() as server:
        yield server


@pytest.fixture
def open_server(own_redis: OwnRedis) -> Iterator:
    """Opens it as a process of the product does, as often as wanted, and looked at once."""
    opened = []

    def open_server(url: str = own_redis.url) -> RedisServer:
        server = RedisServer(url)
        opened.append(server)
        server.look()
        return server

    yield open_server
    for server in opened:
        server.close()


@pytest.fixture
def server(open_server) -> RedisServer:
    return open_server()
