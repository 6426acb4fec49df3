"""Hooks the desk into the application: pages, sign-in, safety headers and commands."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from odziv.desk import api
from odziv.desk.api import descriptions
from odziv.desk.blueprint import blueprint
from odziv.desk.conversation import (
    attachments,
    conversation,
    customer,
    deletion,
    labels,
    mail,
    mentions,
    preview,
    reassign,
    saved_replies,
    snooze,
    spam,
    targets,
    transfer,
    undo,
)
from odziv.desk.finding import conversations as all_conversations
from odziv.desk.finding import several, views
from odziv.desk.frame import errors, installed, language, rights, safety
from odziv.desk.frame import labels as frame_labels
from odziv.desk.frame.limits import SignInLimits
from odziv.desk.frame.safety import csrf
from odziv.desk.knowledge import (
    article_files,
    assistant,
    drafts,
    feedback,
    flags,
    learning,
    passages,
    phrasings,
    topics,
)
from odziv.desk.oidc import pages as provider_pages
from odziv.desk.people import (
    account,
    availability,
    erasures,
    invitation,
    people,
    portraits,
    reset,
    second_factor,
    sign_in,
    skills,
    tokens,
    webhooks,
)
from odziv.desk.people import labels as label_list
from odziv.desk.people.commands import agents_group, handoffs_command
from odziv.desk.people.sign_in import login_manager
from odziv.desk.people.token_commands import tokens_group
from odziv.desk.queue import alerts, aside, events, push, queue
from odziv.desk.queue.shared import Shared
from odziv.desk.queue.viewers import Viewers
from odziv.desk.reports import audit, exports, report
from odziv.desk.settings import first_steps, history, sections, sites
from odziv.desk.team import field_values, fields, macros, overview, rules, running
from odziv.desk.writing import drafts as reply_drafts
from odziv.desk.writing import forward, new_mail
from odziv.store.handoffs.workload import measure_team
from odziv.web.services import Services


class DeskSessions(SecureCookieSessionInterface):
    """Keeps sessions for the desk alone. Elsewhere nothing depends on the cookie, so caches need not hear of it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says. How old it may be says the session's row: the machine's clock may have been set."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            return self.session_class(serializer.loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Writes the cookie, or what a cache has to know of it, where the desk's pages are."""
        if request.path.startswith(app.config["SESSION_COOKIE_PATH"]):
            super().save_session(app, session, response)


def register(app: Flask, services: Services) -> None:
    """Puts the desk under /desk; `services` are those of `app`."""
    settings = services.settings
    app.secret_key = app.secret_key or settings.secret("desk-session")
    app.config.update(
        SESSION_COOKIE_NAME="odziv_desk",
        SESSION_COOKIE_PATH="/desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.agent_session_hours),
        # The row says when it ends. And an answer to what a page fetches by itself, coming late, would take back
        # what the cookie was given meanwhile: the sentence that a press of a button is answered with.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # the desk checks its own requests; the widget has no cookie to abuse
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all day; the token ends with the session
    )
    app.session_interface = DeskSessions()
    app.extensions["desk_sign_in_limits"] = SignInLimits(services.windows)
    app.extensions["desk_viewers"] = viewers = Viewers(services.hub)
    viewers.join(services.bus)
    app.extensions["desk_workload"] = Shared(services.hub, measure_team)
    provider_pages.register(app, services)
    language.register(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    app.register_blueprint(blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(descriptions.blueprint)
    app.cli.add_command(agents_group)
    app.cli.add_command(handoffs_command)
    app.cli.add_command(tokens_group)
