"""What `bench.scale` makes of what it has counted, and requests that go to several addresses in turns."""

from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from bench.parts.visitor import open_client
from bench.scale.__main__ import PARTS, SHOWN, report
from bench.scale.database import Watched
from bench.scale.installation import Installation


def test_figures_are_by_turn_and_the_lock_by_write():
    watched = Watched(looks=1000, held=250, waited=500, notifications=600, signs=200, seconds=10.0)
    watched.before, watched.after = (100.0, 0.0, 50.0, 1000.0, 3.0), (600.0, 5000.0, 2050.0, 3000.0, 21.0)
    assert watched.figures(100) == {
        "writes_per_turn": 3.0,
        "commits_per_turn": 20.0,
        "notifications_per_turn": 6.0,
        "signs_per_turn": 2.0,
        "log_bytes_per_turn": 50,
        "database_bytes_per_turn": 20,
        "lock_held_share": 0.25,
        "lock_ms_per_turn": 25.0,
        "waiting_for_lock": 0.5,
        "connections": 21.0,
    }


def test_what_was_never_looked_at_is_not_divided_by():
    watched = Watched()
    watched.before = watched.after = (1.0, 2.0, 3.0, 4.0, 5.0)
    assert watched.figures(0)["lock_ms_per_turn"] == 0.0


def test_each_process_has_ports_of_its_own_and_all_are_told_of_all(tmp_path):
    installation = Installation(tmp_path, 3, tmp_path, print)
    told = installation._addresses()
    assert len({*installation.webs, *told["workers"], *told["rasa_urls"]}) == 9


def test_a_violation_is_counted_in_the_report():
    figure = {"median": 1.0, "low": 1.0, "high": 1.0}
    names = (*SHOWN, *(f"cpu_ms_{part}" for part in PARTS), "cpu_ms_together")
    level = {"figures": dict.fromkeys(names, figure), "memory_mb": dict.fromkeys(PARTS, 10.0), "conversations": 7,
             "violations": [{"kind": "lost"}]}  # fmt: skip
    told = report({2: level})
    assert "7 conversations compared with the database: 1 violations" in told and "50" in told


@pytest.fixture
def addresses():
    """Two servers that say which they are."""
    servers = []
    for name in (b"one", b"two"):
        handler = type("Handler", (BaseHTTPRequestHandler,), {
            "do_GET": lambda self, name=name: self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + name),
            "log_message": lambda *_: None,
        })  # fmt: skip
        servers.append(HTTPServer(("127.0.0.1", 0), handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def test_requests_go_to_the_addresses_in_turns(addresses):
    async def ask(*urls: str) -> list[str]:
        async with open_client(*urls) as client:
            return [(await client.get("/x")).text for _ in range(4)]

    assert asyncio.run(ask(*addresses)) == ["one", "two"] * 2
    assert asyncio.run(ask(addresses[1])) == ["two"] * 4


def test_an_address_where_nobody_is_is_an_error(addresses):
    async def ask() -> None:
        async with open_client("http://127.0.0.1:9", addresses[0]) as client:
            await client.get("/x")

    with pytest.raises(httpx.ConnectError):
        asyncio.run(ask())
