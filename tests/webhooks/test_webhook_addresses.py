"""Where webhooks may not go: a corpus of ways into the server's own network."""

from __future__ import annotations

import pytest

from odziv.web.webhook_addresses import NotAllowed, check_addresses, is_public, read_url, resolve

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "2002:c0a8:101::", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "", "nonsense", "1.2.3", "2130706433", "0x7f.0.0.1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1"]
BAD_URLS = [
    "", "shop.example", "//shop.example/x", "ftp://shop.example", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)", "http://shop.example/", "https://", "https:///x", "https://user@shop.example/",
    "https://user:pw@shop.example/", "https://shop.example@127.0.0.1/", "https://:@shop.example/",
    "https://shop.example/#x", "https://shop.example:0x50/", "https://shop.example:99999/", "https://[::1",
    "https://shop.example/a b", "https://shop.example/\r\nX: y", "https://shop.example\\@127.0.0.1/",
    "https://шоп.example/", "https://shop.example/\x00", "https://shop.example/" + "x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_of_the_public_internet_is_told(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_of_the_public_internet_is_told(address):
    assert is_public(address)


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_address_for_a_webhook_is_refused(url):
    with pytest.raises(NotAllowed):
        read_url(url, ())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_every_way_to_write_this_machine_is_refused_once_it_is_resolved(host):
    target = read_url(f"https://{host}/", ())
    with pytest.raises(NotAllowed, match="private network"):
        check_addresses(target, resolve(target.host, target.port))


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(NotAllowed):
        check_addresses(read_url("https://shop.example/", ()), ["1.1.1.1", "10.0.0.1"])


@pytest.mark.parametrize("listed", ["n8n.internal", "n8n.internal:5678"])
def test_a_listed_host_may_be_inside_and_without_https(listed):
    target = read_url("http://N8N.internal.:5678/hook?x=1", (listed,))
    assert (target.host, target.port, target.path, target.is_listed) == ("n8n.internal", 5678, "/hook?x=1", True)
    check_addresses(target, ["10.0.0.1"])


@pytest.mark.parametrize("url", ["http://n8n.internal/", "http://sub.n8n.internal:5678/", "http://n8n.internal.evil/"])
def test_a_host_is_listed_exactly(url):
    with pytest.raises(NotAllowed):
        read_url(url, ("n8n.internal:5678",))


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "nobody.invalid"])
def test_a_name_that_leads_nowhere_is_an_os_error(host):
    with pytest.raises(OSError):
        resolve(host, 443)
