"""Limits count networks: of IPv6, where everybody has more addresses than there are people, the /64."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odziv.web.networks import network_of

ROOT = Path(__file__).parents[3]
# Two of each are one caller, the third is another.
ALIKE = {
    "IPv4": ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
    "IPv6": ("2001:db8:1:2::1", "2001:0DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
    "IPv4 as IPv6": ("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"),
    "IPv4 as IPv6 in hexadecimal": ("::ffff:c000:207", "192.0.2.7", "::ffff:c000:208"),
    "IPv4 on a network that has IPv6 only": ("64:ff9b::192.0.2.7", "192.0.2.7", "64:ff9b::192.0.2.8"),
    "with a zone": ("fe80::1%eth0", "fe80::2%eth0", "fe80:0:0:1::1%eth0"),
    "none at all": ("", None, "192.0.2.7"),
    "no address": ("some-socket", "some-socket", "another"),
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
