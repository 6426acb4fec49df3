"""What a caller is counted by: the network they come from, so that nobody has more than one share of a limit."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

# A line at home, an office or a telephone gets at least so much of IPv6, and may change within it for every request.
IPV6_PREFIX = 64
# What providers of machines give away: who rents one has often neighbours of it too.
IPV4_BLOCK, IPV6_BLOCK = 24, 48
# IPv4 as seen by a server that has IPv6 only (RFC 6052): counted as one network, all of IPv4 would share a limit.
NAT64 = ip_network("64:ff9b::/96")
# One share for all that is no address: a proxy may pass on what a caller made up, and would for each request anew.
UNKNOWN = "unknown"


def callers_network() -> str:
    """Where the request comes from, as far as the configured proxies can be believed."""
    return network_of(request.remote_addr)


def is_loopback() -> bool:
    """Whether the request comes from this machine: from a program on it, or from a proxy that stands there."""
    try:
        ip = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def network_of(address: str | None) -> str:
    """An IPv4 address itself, also one that IPv6 carries; of other IPv6 the /64; UNKNOWN for what is no address."""
    ip = read_ip(address)
    if ip is None:
        return UNKNOWN
    return str(ip) if ip.version == 4 else str(ip_network((ip.packed, IPV6_PREFIX), strict=False))


def block_of(network: str) -> str:
    """The block that a network belongs to, in which one owner often has many: of IPv4 the /24, of IPv6 the /48."""
    if network == UNKNOWN:
        return UNKNOWN
    whole = ip_network(network)
    return str(whole.supernet(new_prefix=IPV4_BLOCK if whole.version == 4 else IPV6_BLOCK))


def read_ip(address: str | None) -> IPv4Address | IPv6Address | None:
    """The address as servers and proxies write it: with a port, in brackets or quotes, with a zone; None for none."""
    try:
        return _as_ipv4(ip_address(_without_port((address or "").strip(' \t"')).partition("%")[0]))
    except ValueError:
        return None


def _without_port(written: str) -> str:
    if written.startswith("["):
        return written[1:].partition("]")[0]
    return written.partition(":")[0] if written.count(":") == 1 else written


def _as_ipv4(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for: mapped, translated, or with a network of its own through 6to4."""
    if ip.version == 4:
        return ip
    if ip in NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip.ipv4_mapped or ip.sixtofour or ip
