"""Limits count networks: of IPv6, where everybody has more addresses than there are people, the /64."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odziv.desk.frame.origins import shorten_address
from odziv.web.networks import network_of
from tests.desk.conftest import build_app

ROOT = Path(__file__).parents[3]
# Two of each are one caller, the third is another.
ALIKE = {
    "IPv4": ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
    "IPv6": ("2001:db8:1:2::1", "2001:0DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
    "IPv4 as IPv6": ("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"),
    "IPv4 as IPv6 in hexadecimal": ("::ffff:c000:207", "192.0.2.7", "::ffff:c000:208"),
    "IPv4 on a network that has IPv6 only": ("64:ff9b::192.0.2.7", "192.0.2.7", "64:ff9b::192.0.2.8"),
    "with a zone": ("fe80::1%eth0", "fe80::2%eth0", "fe80:0:0:1::1%eth0"),
    "in two zones": ("fe80::1%eth0", "fe80::1%25eth1", "fe80:0:0:1::1%eth0"),
    "IPv4 as IPv6 with a zone": ("::ffff:192.0.2.7%eth0", "192.0.2.7", "::ffff:192.0.2.8%eth0"),
    "the networks of one 6to4 address": ("2002:c000:207:1::1", "2002:c000:207:ffff::9", "2002:c000:208:1::1"),
    "with a port": ("192.0.2.7:443", "192.0.2.7:50123", "192.0.2.8:443"),
    "IPv6 with a port": ("[2001:db8:1:2::1]:443", "2001:db8:1:2::2", "[2001:db8:1:3::1]:443"),
    "in brackets": ("[2001:db8:1:2::1]", "[2001:db8:1:2::2]", "[2001:db8:1:3::1]"),
    "IPv4 as IPv6 with a port": ("[::ffff:192.0.2.7]:443", "192.0.2.7", "[::ffff:192.0.2.8]:443"),
    "quoted": ('"[2001:db8:1:2::1]:443"', " 2001:db8:1:2::2 ", '"192.0.2.7"'),
    "none at all": ("", None, "192.0.2.7"),
    # Whatever somebody makes up: one share for all of it.
    "no address": ("some-socket", "another", "192.0.2.7"),
    "no number": ("192.0.2.777", "1.2.3", "192.0.2.7"),
    "not closed": ("[2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"),
    "half an address": ("2001:db8::1::2", "unknown", "2001:db8:1:2::1"),
    "what proxies write instead": ("_hidden", "unknown", "192.0.2.7"),
    "very long": ("1" * 10_000, ":" * 10_000, "192.0.2.7"),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_what_is_one_network(kind):
    one, same, other = (network_of(address) for address in ALIKE[kind])
    assert one == same != other


def test_nothing_else_reads_the_callers_address_but_for_the_audit_trails_shortened_one():
    folders = ("actions", "odziv", "kb")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")] + [*ROOT.glob("*.py")]
    reads = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    rest = {name: re.sub(r"shorten_address\(request\.remote_addr\)", "", text) for name, text in reads.items()}
    assert [name for name, text in rest.items() if re.search(r"remote_addr|REMOTE_ADDR", text)] == [
        "odziv/web/networks.py"
    ]


def neighbour(number: int) -> dict[str, dict[str, str]]:
    """A request of another address in the same /64."""
    return {"environ_overrides": {"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"}}


STRANGER = {"environ_overrides": {"REMOTE_ADDR": "2001:db8:1:3::1"}}


def test_conversations_are_counted_by_network(client, services, settings):
    limits = settings.limits.model_copy(update={"conversations_per_minute_per_address": 2})
    services.settings = settings.model_copy(update={"limits": limits})
    sources = [neighbour(1), neighbour(2), neighbour(3), STRANGER]
    answers = [client.post("/api/v1/conversations", json={"site": "demo"}, **source) for source in sources]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 201]


def test_open_streams_are_counted_by_network_and_given_back(visitor, services):
    visitor.say("Hi")

    def follow(source):
        return visitor.client.get(f"{visitor.path}/events", headers=visitor.headers, **source)

    answers = [follow(source) for source in (neighbour(1), neighbour(2), neighbour(3), neighbour(4), STRANGER)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 200]  # three are let in
    for answer in answers:
        answer.close()
    assert not services.open_streams._open


@pytest.mark.parametrize("kind", ["IPv6", "IPv4 as IPv6", "with a port", "quoted"])
def test_an_audit_entry_names_the_shortened_address_however_it_is_written(kind):
    one, same, _ = (shorten_address(address) for address in ALIKE[kind])
    assert one is not None and one == same


def forwarded(value: str) -> dict[str, dict[str, str]]:
    """A request through our own proxy, which puts this into X-Forwarded-For."""
    return {"headers": {"X-Forwarded-For": value}, "environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}}


BEHIND_A_PROXY = {
    "addresses of one /64": [f"2001:db8:1:2::{number:x}" for number in range(1, 4)],
    "an invented chain before the proxy's": [f"198.51.100.{number}, 192.0.2.7" for number in range(3)],
    "with ports": [f"192.0.2.7:{50_000 + number}" for number in range(3)],
    "what is no address": [f"made-up-{number}" for number in range(3)],
    "an address with something behind it": [f"192.0.2.7;{number}" for number in range(3)],
    "empty ones": ["", ",", " , "],
}


@pytest.mark.parametrize("kind", BEHIND_A_PROXY)
def test_behind_a_proxy_nobody_counts_as_many(store, settings, kind):
    limits = settings.limits.model_copy(update={"conversations_per_minute_per_address": 2, "trusted_proxies": 1})
    client = build_app(store, settings.model_copy(update={"limits": limits})).test_client()
    answers = [
        client.post("/api/v1/conversations", json={"site": "demo"}, **forwarded(value))
        for value in BEHIND_A_PROXY[kind]
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    elsewhere = client.post("/api/v1/conversations", json={"site": "demo"}, **forwarded("203.0.113.5"))
    assert elsewhere.status_code == 201


def test_a_hundred_addresses_of_one_network_are_one_caller(client):
    answers = [client.post("/api/v1/conversations", json={"site": "demo"}, **neighbour(n)) for n in range(1, 101)]
    assert [answer.status_code for answer in answers].count(201) == 30
