"""`/metrics`: for Prometheus with a token, or on this machine; for anybody else there is no such address."""

from __future__ import annotations

import hmac

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from odziv.web.errors import error_response
from odziv.web.metrics.state import StateCollector
from odziv.web.metrics.workers import WorkersCollector
from odziv.web.networks import is_loopback
from odziv.web.origins import is_this_machine
from odziv.web.services import Services, services

blueprint = Blueprint("metrics", __name__)
# Where one of these stands, somebody else's request was passed on.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


def register(app: Flask, here: Services) -> None:
    """Adds the address, and to what is counted what is looked up."""
    if here.settings.metrics == "off":
        return
    # A process that does no work beside requests passes on what the workers counted, under the same names.
    registry = here.figures.registry if here.workers is None else CollectorRegistry()
    if here.workers is not None:
        registry.register(WorkersCollector(here.workers))
    registry.register(StateCollector(here))
    ProcessCollector(registry=registry)
    app.extensions["odziv_metrics"] = registry
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures, in the format that is asked for: Prometheus's text or OpenMetrics."""
    here = services()
    given = request.headers.get("Authorization")
    if given is not None and not _is_token(given, here):
        return error_response(401, "unauthorized", "The token of var/secrets/metrics is needed here.")
    if given is None and not _is_from_here(here):
        abort(404)
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(
        encode(current_app.extensions["odziv_metrics"]),
        content_type=content_type,
        headers={"Cache-Control": "no-store"},
    )


def _is_token(given: str, here: Services) -> bool:
    return hmac.compare_digest(given.removeprefix("Bearer ").encode(), here.metrics_token.encode())


def _is_from_here(here: Services) -> bool:
    """Whether a program on this machine asks, and nothing says that it asks for somebody else.

    Behind a proxy on this machine every request comes from loopback. So where the settings tell of one, the token is
    needed.
    """
    settings = here.settings
    if settings.metrics == "token" or settings.public_url or settings.limits.trusted_proxies:
        return False
    is_passed_on = any(name in request.headers for name in FORWARDED)
    return not is_passed_on and is_this_machine() and is_loopback()
