"""Wires Odziv together. `create_app()` is the web process; `python server.py` runs it beside Rasa."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # the supervisor: it needs nothing of what follows, and stays small
    from odziv.processes.supervisor import main

    sys.exit(main())

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy or torch load: two such processes would spin

from functools import cached_property
from typing import Any

import numpy as np
from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

import actions
from bot.client import RasaClient, RasaFailed
from bot.trackers import conversation_of
from bot.vectors import MOST_READ
from kb import KnowledgeBase
from kb.commands import ask, kb_cli
from kb.language.questions import pieces_of
from kb.vectors.encoder import EMBEDDED
from odziv import desk
from odziv import help as help_centre
from odziv.cases.forgetting import DailySweep
from odziv.cases.queue_keeper import QueueKeeper
from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.cases.turns import TurnRunner
from odziv.chat import register as chat
from odziv.chat.verification import check_keys
from odziv.chat.verification_commands import identity_group
from odziv.chat.visitor_tokens import VisitorTokens
from odziv.desk.reports.audit import AuditRetention
from odziv.mail.service import MailService
from odziv.processes.commands import forget_deleted
from odziv.settings import Settings, load_settings
from odziv.store import Store
from odziv.store.conversations.attachments import sweep_attachments
from odziv.store.conversations.conversation import find_conversation
from odziv.store.migrate import migrate
from odziv.web import health
from odziv.web.errors import error_response
from odziv.web.limits import OpenStreams, RateLimits
from odziv.web.logs import configure_logs
from odziv.web.streams import Hub
from odziv.webhooks import WebhookSender

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Services:
    """What the blueprints share; `app.extensions["odziv"]`."""

    def __init__(self, settings: Settings, encoder: Any = None, bot: Any = None) -> None:
        settings.var.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        check_keys(settings)
        self.rasa_token = settings.secret("rasa")
        self.store = Store(settings.database, files=settings.var / "attachments")
        migrate(self.store)
        self.hub = Hub()
        self.store.listen(self.hub.touched)
        self.bot = bot or RasaClient(
            f"http://127.0.0.1:{settings.rasa_port}", self.rasa_token, timeout=settings.rasa_timeout_seconds
        )
        self.visitor_tokens = VisitorTokens(
            settings.secret("visitors"), settings.visitor_token_days, lambda: self.store.clock()
        )
        self.rate_limits = RateLimits()
        self.open_streams = OpenStreams(settings.max_streams, settings.limits.streams_per_address)
        self.turns = TurnRunner(self, RasaFailed, workers=settings.turn_workers)
        self.queue_keeper = QueueKeeper(self.store, settings)
        self.scheduled_replies = ScheduledReplies(self.store)
        self.mail = MailService(self)
        self.webhooks = WebhookSender(self.store, settings)
        self._encoder = encoder
        self._watcher: Any = None
        self._audit = AuditRetention(self.store, settings.desk.audit_days)
        self._sweep = DailySweep(self.store, settings.var)

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base, opened when first needed: `handoffs` and `agents` on the command line don't."""
        from kb.vectors.encoder import load_encoder  # brings PyTorch along: some seconds, some hundred megabytes

        settings = self.settings
        return KnowledgeBase.open(
            settings.articles,
            settings.index,
            self._encoder or load_encoder(settings.encoder),
            languages=settings.languages,
            default_language=settings.default_language,
            answer_precision=settings.answer_precision,
            suggest_recall=settings.suggest_recall,
            clock=lambda: self.store.clock() / 1000,
        )

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any] | None:
        """The knowledge base's own reply, without Rasa; None when it isn't sure."""
        return actions.answer_directly(self.kb, text, language, article=article, public_url=self.settings.url)

    def tags_of(self, tracker: str) -> tuple[str, ...]:
        """Which articles count in the conversation a Rasa tracker is about; empty: all."""
        if not any(site.tags for site in self.settings.sites.values()):
            return ()
        conversation = find_conversation(self.store, conversation_of(tracker))
        return self.settings.tags_of(conversation.site) if conversation else ()

    def detect_language(self, text: str, **known: str | None) -> str:
        """Which language a customer writes in."""
        return self.kb.detect_language(text, **known)

    def note_to_stranger(self, text: str, language: str) -> str | None:
        """What to tell a customer whose language isn't served and who is answered in `language`; None for others."""
        return self.kb.note_to_stranger(text, language)

    def vector_of(self, text: str, language: str) -> np.ndarray | None:
        """What Rasa needs to know of a message's meaning, worked out once for both; None: let Rasa see to it.

        Of a longer message it reads only the beginning, the knowledge base all. The questions in it are read with it:
        together takes half the time.
        """
        is_shared = self._encoder is None and self.settings.encoder == EMBEDDED and len(text) <= MOST_READ
        if not is_shared:
            return None
        self.kb.read_ahead([text, *pieces_of(text, language)])
        return self.kb.vector(text)

    def start(self) -> None:
        """Begins the work that goes on beside requests: the bot's turns, watching articles, looking after the queue."""
        sweep_attachments(self.store)
        self._watcher = self.kb.watch()
        self.turns.start()
        self.queue_keeper.start()
        self.scheduled_replies.start()
        self.mail.start()
        self.webhooks.start()
        self._audit.start()
        self._sweep.start()

    def begin_stop(self) -> None:
        """Ends the streams at once, so that a graceful stop waits only for real requests."""
        self.hub.close()

    def stop(self) -> None:
        """Finishes the turns under way and closes the database."""
        self.hub.close()
        if self._watcher is not None:
            self._watcher.stop()
        self.mail.stop()
        self.turns.stop()
        self.queue_keeper.stop()
        self.scheduled_replies.stop()
        self.webhooks.stop()
        self._audit.stop()
        self._sweep.stop()
        self.store.close()


def create_app(settings: Settings | None = None, *, encoder: Any = None, bot: Any = None) -> Flask:
    """The application. `encoder` and `bot` replace the real ones in tests. Raises BadSetting."""
    settings = settings or load_settings()
    configure_logs(settings.log_level)
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret("session"),
        MAX_CONTENT_LENGTH=settings.limits.body_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
    )
    app.json.ensure_ascii = False
    services = app.extensions["odziv"] = Services(settings, encoder, bot)
    if settings.limits.trusted_proxies:
        proxies = settings.limits.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
    chat.register(app)
    app.register_blueprint(health.blueprint)
    help_centre.register(app)
    actions.register(app, lambda: services.kb, services.rasa_token, public_url=settings.url, tags_of=services.tags_of)
    desk.register(app)
    app.cli.add_command(kb_cli)
    app.cli.add_command(identity_group)
    app.cli.add_command(forget_deleted)
    app.cli.add_command(ask)
    app.after_request(set_security_headers)
    app.register_error_handler(404, not_found)
    return app


def set_security_headers(response: Response) -> Response:
    """On every response. A blueprint with a stricter policy has set its own before."""
    is_page = (response.mimetype or "") == "text/html"
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if response.mimetype == "application/json":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def not_found(_error: Exception) -> Response:
    """Programs get JSON, people a line of text."""
    if request.path.startswith("/api/"):
        return error_response(404, "not_found", "There is nothing at this address.")
    return Response("There is nothing at this address.\n", 404, mimetype="text/plain")
