"""The OpenAPI descriptions of both interfaces, as they lie in docs/."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from odziv.settings import ROOT

blueprint = Blueprint("api_descriptions", __name__, url_prefix="/api")
DOCS = ROOT / "docs"


@blueprint.get("/openapi.yml")
def describe_widget() -> Response:
    """The widget's interface."""
    return send_file(DOCS / "openapi.yml", mimetype="application/yaml")


@blueprint.get("/openapi-desk.yml")
def describe_desk() -> Response:
    """The desk's, and what is posted to webhooks."""
    return send_file(DOCS / "openapi-desk.yml", mimetype="application/yaml")
