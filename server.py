"""Wires Odziv together. `create_app()` makes the application of a process; `python server.py` runs all of them."""

from __future__ import annotations

import os
import sys
from typing import cast

if __name__ == "__main__":  # the supervisor: it needs nothing of what follows, and stays small
    from odziv.processes.supervisor import main

    sys.exit(main(sys.argv[1:]))

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy or torch load: two such processes would spin

from flask import Flask, Response, request
from prometheus_client import ProcessCollector
from werkzeug.middleware.proxy_fix import ProxyFix

from kb.commands import ask, kb_cli
from odziv import desk
from odziv import help as help_centre
from odziv.cases.knowledge import KnowledgeBeside
from odziv.chat import register as chat
from odziv.chat.verification_commands import identity_group
from odziv.processes.attachment_commands import attachments_group
from odziv.processes.commands import backup, db_cli, forget_deleted, restore, retention
from odziv.processes.data_commands import customer_group, export_group
from odziv.processes.told import ToldGroup, ending_commands, is_command
from odziv.settings import load_settings
from odziv.store import lengths
from odziv.store.engine import StoreAway
from odziv.store.opening import name_of
from odziv.web import health
from odziv.web.errors import AWAY_SECONDS, error_response, log_away
from odziv.web.logs import configure_logs
from odziv.web.metrics import page as metrics
from odziv.web.services import Role, Services
from odziv.wiring import build_services

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def create_app(services: Services | None = None, *, role: Role = "all") -> Flask:
    """The application of a process of that role. Tests bring services of their own. Raises BadSetting.

    To somebody who runs a command, what is wrong is said in a sentence.
    """
    with ending_commands():
        return build_app(services or configured_services(role))


def build_app(services: Services) -> Flask:
    """The application over these services."""
    settings = services.settings
    app = Flask(__name__, static_folder=None)
    app.cli = ToldGroup(name_of(settings))
    app.config.update(
        SECRET_KEY=settings.secret("session"),
        MAX_CONTENT_LENGTH=settings.limits.body_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions["odziv"] = services
    app.jinja_env.globals["lengths"] = lengths
    if proxies := settings.limits.trusted_proxies:
        around = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
        app.wsgi_app = around  # type: ignore[method-assign]  # as Flask's documentation has it
    open_doors(app, services)
    add_commands(app)
    app.before_request(refuse_prefix)
    app.after_request(set_security_headers)
    app.register_error_handler(404, not_found)
    app.register_error_handler(StoreAway, store_away)
    return app


def configured_services(role: Role) -> Services:
    """Those that `config.yml` and the environment describe; from here on the process logs as they say.

    The passwords of mail servers were checked by whoever serves (`gunicorn.conf.py`); commands need none. The whole
    database too was looked at by whoever serves, and is by each command: none may write into one that is damaged.
    """
    settings = load_settings(passwords=False)
    configure_logs(settings.log_level)
    return build_services(settings, role=role, looks_wholly=is_command())


def open_doors(app: Flask, services: Services) -> None:
    """Adds what customers, agents, readers and monitors call; in a worker what Rasa and the web processes do."""
    app.register_blueprint(health.blueprint)
    if services.role != "web":
        open_inner_doors(app, services)
    if services.role != "worker":
        chat.register(app)
        metrics.register(app, services)
        help_centre.register(app)
        desk.register(app, services)


def open_inner_doors(app: Flask, services: Services) -> None:
    """Adds what other processes of the installation call, each with its token."""
    # What they bring along is no business of a web process, and takes it seconds and memory.
    from actions.endpoint import register
    from odziv.web.inner import calls, round

    knowledge = cast(KnowledgeBeside, services.knowledge)
    register(
        app,
        lambda: knowledge.kb,
        services.rasa_token,
        public_url=services.settings.url,
        tags_of=knowledge.tags_of,
    )
    if services.role == "worker":  # told to the web processes, which have figures of that name themselves
        ProcessCollector(namespace="odziv_worker", registry=services.figures.registry)
    app.register_blueprint(round.blueprint)
    app.register_blueprint(calls.blueprint)


def add_commands(app: Flask) -> None:
    """Adds what operators run; the desk has added its own."""
    data = (backup, restore, retention, forget_deleted, db_cli, customer_group, export_group)
    for command in (kb_cli, ask, identity_group, attachments_group, *data):
        app.cli.add_command(command)


def refuse_prefix() -> Response | None:
    """Says what is wrong where a web server in front serves us below a path: no link of ours would lead there."""
    prefix = (request.script_root or request.headers.get("X-Forwarded-Prefix", "")).strip().strip("/")
    if not prefix:
        return None
    told = (
        f"Odziv can't be served below a path, as here below /{prefix[:80]}: give it a host of its own, like"
        " https://help.example.com, and let the web server in front pass on all of it (docs/operators.md)."
    )
    if request.path.startswith("/api/"):
        return error_response(501, "path_prefix", told)
    return Response(f"{told}\n", 501, mimetype="text/plain")


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


def store_away(_error: Exception) -> Response:
    """To readers of the help centre, and to whoever has no page or shape of its own for it."""
    log_away()
    told = "This can't be read just now. Please try again in a moment.\n"
    return Response(told, 503, mimetype="text/plain", headers={"Retry-After": str(AWAY_SECONDS)})


def not_found(_error: Exception) -> Response:
    """Programs get JSON, people a line of text."""
    if request.path.startswith("/api/"):
        return error_response(404, "not_found", "There is nothing at this address.")
    return Response("There is nothing at this address.\n", 404, mimetype="text/plain")
