"""Browsers in which somebody has signed in: a signed cookie says so for a year, so that guessers don't shut them out.

It opens nothing. It says only that tries from this browser at these accounts are counted apart from all others'.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from odziv.store.agents.agent import Agent
from odziv.store.engine import DAY_MS
from odziv.web.services import services

COOKIE, DAYS = "odziv_desk_device", 365
MOST_AGENTS = 10  # who share a browser


class Device(NamedTuple):
    """A browser: its random name, and who has signed in there, the last one first."""

    name: str
    agents: tuple[int, ...]


def find_device(agent: Agent | None) -> str | None:
    """The name of this browser, if this agent has signed in here within the year."""
    device = _read_device()
    return device.name if device and agent and agent.id in device.agents else None


def remember_device(response: Response, agent_id: int) -> None:
    """From now on this browser is known to the agent."""
    device = _read_device() or Device(secrets.token_urlsafe(16), ())
    known = (agent_id, *(other for other in device.agents if other != agent_id))[:MOST_AGENTS]
    response.set_cookie(
        COOKIE,
        _serializer().dumps([device.name, known, services().store.clock()]),
        max_age=DAYS * 24 * 60 * 60,
        path=current_app.config["SESSION_COOKIE_PATH"],
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _read_device() -> Device | None:
    try:
        name, known, at = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadData, ValueError, TypeError):
        return None
    return Device(name, tuple(known)) if services().store.clock() - at < DAYS * DAY_MS else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="odziv-known-device")
