"""The blueprint every file of the desk adds its pages to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, request

blueprint = Blueprint(
    "desk", __name__, url_prefix="/desk", template_folder="templates", static_folder="static", cli_group=None
)


def services() -> Any:
    """What the application was built with: `.store`, `.settings`, `.hub`, `.kb`."""
    return current_app.extensions["odziv"]


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page rather than the whole."""
    return request.headers.get("HX-Request") == "true"
