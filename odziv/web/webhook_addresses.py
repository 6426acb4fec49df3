"""Where a webhook may go. An administrator of the desk must not be able to reach into the server's own network.

Checked twice: when the address is written down, for a word at once, and at every sending, against what its name leads
to at that moment. The connection is then made to the very address that was checked.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from odziv.store.lengths import LONGEST_URL
from odziv.texts.desk import _

PORTS = {"http": 80, "https": 443}


class NotAllowed(Exception):
    """A webhook may not go there; the message says why, in words for an administrator."""


@dataclass(frozen=True)
class Target:
    """A checked address, taken apart. `is_listed`: config.yml names it, so it may be anywhere."""

    scheme: str
    host: str
    port: int
    path: str
    is_listed: bool


def read_url(url: str, listed: Collection[str], *, may_be_http: bool = False) -> Target:
    """Takes an address apart. Raises NotAllowed for what is none, or is neither https nor `listed`, unless
    `may_be_http`."""
    if len(url) > LONGEST_URL or not url.isascii() or any(not 32 < ord(letter) < 127 for letter in url) or "\\" in url:
        raise NotAllowed(
            _("Please enter an address like https://shop.example/hooks, without spaces or special letters.")
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed(_("That is no address. It looks like https://shop.example/hooks.")) from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotAllowed(_("An address begins with https:// and the name of a host."))
    if parts.username is not None or parts.password is not None or "#" in url:
        raise NotAllowed(_("An address with a name or password in it, or with a #, can’t be used."))
    host, port = parts.hostname.lower().rstrip("."), port or PORTS[parts.scheme]
    is_listed = host in listed or f"{host}:{port}" in listed
    if parts.scheme == "http" and not (is_listed or may_be_http):
        raise NotAllowed(_("Please use https. Hosts in odziv.desk.webhook_hosts in config.yml may do without."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, is_listed)


def resolve(host: str, port: int) -> list[str]:
    """The network addresses a name leads to. Raises OSError when it leads nowhere."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label of more than 63 letters
        raise OSError("not a name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_addresses(target: Target, addresses: Collection[str]) -> None:
    """Raises NotAllowed when any address a name leads to is not one of the public internet, unless it is listed."""
    if not target.is_listed and not all(is_public(address) for address in addresses):
        raise NotAllowed(
            _(
                "That host is inside a private network or this machine. An operator can allow it: "
                "odziv.desk.webhook_hosts in config.yml."
            )
        )


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also when it is wrapped into IPv6."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        # 64:ff9b::/96 and ::/96, which carry an IPv4 address too, count as reserved.
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)
