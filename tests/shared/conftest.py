"""A Redis for each test that asks for one, and what the product opens on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odziv.shared import redis_server
from odziv.shared.redis_server import RedisServer
from tests.shared.own_redis import OwnRedis, running_redis


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """However slow this machine is: a Redis that answers is no Redis that is away."""
    monkeypatch.setattr(redis_server, "TIMEOUT_SECONDS", 20.0)


@pytest.fixture
def impatient(monkeypatch, patient) -> None:
    """For tests in which it says nothing."""
    monkeypatch.setattr(redis_server, "TIMEOUT_SECONDS", 1.0)


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
