"""What a caller is counted by: the network they come from, so that nobody has more than one share of a limit."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

# A line at home, an office or a telephone gets at least so much of IPv6, and may change within it for every request.
IPV6_PREFIX = 64
# IPv4 as seen by a server that has IPv6 only (RFC 6052): counted as one network, all of IPv4 would share a limit.
NAT64 = ip_network("64:ff9b::/96")


def callers_network() -> str:
    """Where the request comes from, as far as the configured proxies can be believed."""
    return network_of(request.remote_addr)


def network_of(address: str | None) -> str:
    """An IPv4 address itself, also one written as IPv6; of IPv6 the /64. What is no address stays as it is."""
    try:
        ip = _as_ipv4(ip_address(address or ""))
    except ValueError:
        return address or "unknown"
    return str(ip) if ip.version == 4 else str(ip_network((ip.packed, IPV6_PREFIX), strict=False))


def _as_ipv4(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if ip.version == 6 and ip in NAT64:
        return IPv4Address(ip.packed[-4:])
    return getattr(ip, "ipv4_mapped", None) or ip
