"""Hooks the desk into the application: pages, sign-in, safety headers and commands."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from desk import (  # noqa: F401 (they add routes and checks)
    account,
    api,
    assistant,
    attachments,
    audit,
    conversation,
    customer,
    drafts,
    errors,
    events,
    feedback,
    flags,
    invitation,
    knowledge,
    labels,
    learning,
    mail,
    mentions,
    news,
    people,
    phrasings,
    presence,
    preview,
    promises,
    queue,
    report,
    reset,
    rights,
    safety,
    saved_replies,
    second_factor,
    sign_in,
    skills,
    snooze,
    spam,
    tokens,
    transfer,
    undo,
)
from desk.api import descriptions
from desk.blueprint import blueprint
from desk.commands import agents_group, handoffs_command
from desk.limits import SignInLimits
from desk.safety import csrf
from desk.sign_in import login_manager
from desk.token_commands import tokens_group
from desk.viewers import Viewers
from desk.webhooks import pages  # noqa: F401 (adds routes)


def register(app: Flask) -> None:
    """Puts the desk under /desk. Needs `app.extensions["odziv"]` (store, settings, hub)."""
    settings = app.extensions["odziv"].settings
    app.secret_key = app.secret_key or settings.secret("desk-session")
    app.config.update(
        SESSION_COOKIE_NAME="odziv_desk",
        SESSION_COOKIE_PATH="/desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.agent_session_hours),
        WTF_CSRF_CHECK_DEFAULT=False,  # the desk checks its own requests; the widget has no cookie to abuse
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all day; the token ends with the session
    )
    app.extensions["desk_sign_in_limits"] = SignInLimits()
    app.extensions["desk_viewers"] = Viewers(app.extensions["odziv"].hub)
    csrf.init_app(app)
    login_manager.init_app(app)
    app.register_blueprint(blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(descriptions.blueprint)
    app.cli.add_command(agents_group)
    app.cli.add_command(handoffs_command)
    app.cli.add_command(tokens_group)
