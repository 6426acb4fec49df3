"""Where a request comes from, told so that a person recognises it and nobody is tracked by it."""

from __future__ import annotations

from ipaddress import ip_network

from flask import Response, request

from odziv.cases.customers.devices import name_device
from odziv.desk.blueprint import blueprint
from odziv.store import audit
from odziv.web.networks import read_ip


def shorten_address(address: str | None) -> str | None:
    """The network rather than the house: 192.0.2.0/24, 2001:db8:1::/48. None for what is no address."""
    ip = read_ip(address)
    return None if ip is None else str(ip_network((ip.packed, 24 if ip.version == 4 else 48), strict=False))


def here() -> dict[str, str | None]:
    """Device and shortened address of this request, for a session."""
    return {"device": name_device(request.user_agent.string), "address": shorten_address(request.remote_addr)}


@blueprint.before_request
def tell_audit() -> None:
    """What this request writes into the audit trail carries its address."""
    audit.set_address(shorten_address(request.remote_addr))


@blueprint.teardown_request
def untell_audit(_error: BaseException | None) -> Response | None:
    """The thread's next request is another's."""
    audit.set_address(None)
