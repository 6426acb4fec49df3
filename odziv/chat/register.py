"""Hooks the customers' door into the application: the widget's interface, its script, and the demo shop."""

from __future__ import annotations

from flask import Flask

from odziv.chat import api, ratings, sites, transcript, uploads, verified, views


def register(app: Flask) -> None:
    """Adds the routes; `ratings`, `transcript` and `uploads` have added theirs to `api`'s."""
    for door in (api, verified, sites, views):
        app.register_blueprint(door.blueprint)
