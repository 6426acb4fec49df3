"""A server that speaks the widget's interface from memory, and breaks on demand: drops, refusals, slowness.

The real one is driven by the end-to-end tests; this one makes fail what cannot be made to fail there.
"""

from __future__ import annotations

import html
import itertools
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, render_template, request
from werkzeug.serving import make_server

from odziv.chat.calls import list_calls
from odziv.chat.widget_files import serve_loader, serve_module
from odziv.settings import LANGUAGES
from odziv.texts import CATALOGUE
from odziv.texts.moments import own_name
from tests.browser.fake_screens import create_screens, refusal

CHAT = Path(__file__).parents[2] / "odziv" / "chat"
STRICT = "default-src 'none'; script-src {0}; style-src {0}; img-src {0} data:; connect-src {0}; frame-ancestors 'none'"


class FakeApi:
    """What the tests see and set. `reply` is called with a stored customer message and the conversation's id."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.numbers = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """As new; open streams end."""
        with self.changed:
            self.generation = getattr(self, "generation", 0) + 1
            self.conversations: dict[str, dict] = {}
            self.refusals: list[tuple[int, str, int]] = []
            self.posts: list[dict] = []
            self.begun: list[dict] = []
            self.changes: list[dict] = []
            self.site: dict = {}
            self.calls: Counter[str] = Counter()
            self.delay = 0.0
            self.can_stream = True
            self.answers_lost = 0
            self.searches: list[dict] = []
            self.verdicts: list[tuple[str, dict]] = []
            self.contacts: list[dict] = []
            self.ratings: list[dict] = []
            self.transcripts: list[dict] = []
            self.codes: list[dict] = []  # asked for
            self.addresses: list[str] = []  # where a transcript may go
            self.refused: dict[str, tuple[int, str]] = {}  # what is asked for → the answer it gets
            self.search_delay = 0.0
            self.reply = lambda message, conversation: None
            self.changed.notify_all()

    def begin(self, language: str) -> dict:
        """A new conversation with its token."""
        conversation_id = f"c{next(self.numbers)}"
        info = {"id": conversation_id, "status": "bot", "language": language, "agent": None}
        self.conversations[conversation_id] = {
            "info": info,
            "token": f"t-{conversation_id}",
            "log": [],
            "typing": [],
            "drops": 0,
        }
        return self.conversations[conversation_id]

    @property
    def only(self) -> dict:
        """The newest conversation."""
        return list(self.conversations.values())[-1]

    def say(self, text: str, sender: str = "bot", conversation: dict | None = None, **more) -> dict:
        """Adds a message to the log and wakes the streams."""
        conversation = conversation or self.only
        with self.changed:
            seq = len(conversation["log"]) + 1
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            message = {
                "seq": seq,
                "sender": sender,
                "text": text,
                "html": f"<p>{html.escape(text)}</p>",
                "buttons": [],
                "answer": None,
                "agent": None,
                "created_at": now,
                **more,
            }
            conversation["log"].append(message)
            self.changed.notify_all()
        return message

    def set_status(self, status: str, agent: str | None = None, wait: dict | None = None) -> None:
        """Changes the newest conversation's owner; `wait` is how it goes in the queue."""
        with self.changed:
            change = {"status": status, "agent": {"name": agent} if agent else None, "wait": wait}
            self.only["info"] = {**self.only["info"], **change}
            self.changed.notify_all()

    def type(self, sender: str, is_typing: bool = True) -> None:
        """A typing sign to all streams."""
        with self.changed:
            self.only["typing"].append({"sender": sender, "typing": is_typing})
            self.changed.notify_all()

    def drop_streams(self) -> None:
        """Breaks every open stream once."""
        with self.changed:
            for conversation in self.conversations.values():
                conversation["drops"] += 1
            self.changed.notify_all()

    def refuse_next(self, status: int, code: str, times: int = 1, retry_after: int = 1) -> None:
        """The next calls to post a message get this answer."""
        self.refusals += [(status, code, retry_after)] * times

    def customer_texts(self) -> list[str]:
        """What the newest conversation holds from the customer."""
        return [message["text"] for message in self.only["log"] if message["sender"] == "customer"]


def create_app(fake: FakeApi) -> Flask:
    """Pages and interface, with the headers a careful site sends."""
    app = Flask(__name__)
    app.register_blueprint(create_pages())
    add_interface(app, fake)
    app.register_blueprint(create_screens(fake))

    @app.before_request
    def preflight():
        return Response(status=204) if request.method == "OPTIONS" else None

    @app.after_request
    def headers(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        else:
            response.headers.setdefault("Content-Security-Policy", STRICT.format("'self'"))
        return response

    return app


def create_pages() -> Blueprint:
    """The demo shop from the real template, and a bare page with any attributes."""
    pages = Blueprint(
        "chat",
        __name__,
        static_folder=str(CHAT / "static"),
        static_url_path="/static/chat",
        template_folder=str(CHAT / "templates"),
    )
    languages = [(code, own_name(code)) for code in LANGUAGES]

    @pages.get("/widget.js")
    def widget():
        return serve_loader(request.args.get("looks", "{}"))

    pages.add_url_rule("/widget/<version>/<path:name>", "widget_module", serve_module)

    @pages.get("/demo/<language>/")
    def demo(language: str):
        return render_template(
            "demo.html",
            lang=language,
            languages=languages,
            t=CATALOGUE.of("demo", language),
            site="demo",
            widget_url="/widget.js",
        )

    @pages.get("/demo/calls")
    def calls():
        return render_template("calls.html", site="demo", widget_url="/widget.js", groups=list_calls(LANGUAGES))

    @pages.get("/bare")
    def bare():
        """?lang=…&server=…&early=1&nonce=…: a page of some other site; the rest become attributes of the script tag."""
        given = request.args.to_dict()
        server = given.pop("server", "")
        early = "<script src='/early.js'></script>" if given.pop("early", "") else ""
        lang = given.pop("lang", "en")
        nonce = given.pop("nonce", "")
        attributes = " ".join(f'data-{name}="{value}"' for name, value in {"site": "demo", **given}.items())
        page = (
            f"<!doctype html><html lang='{lang}'><meta name=viewport content='width=device-width'><title>Bare</title>"
            f"{early}<script src='{server}/widget.js' {f'nonce={nonce}' if nonce else ''} {attributes} async></script>"
            "<main><h1>Bare</h1><button id=opener>Ask</button></main></html>"
        )
        policy = STRICT if not nonce else f"default-src 'none'; script-src 'nonce-{nonce}'; connect-src {{0}}"
        return Response(page, headers={"Content-Security-Policy": policy.format(server or "'self'")})

    @pages.get("/early.js")
    def early():
        script = (
            "window.odziv = window.odziv || function () { (odziv.q = odziv.q || []).push(arguments) };"
            "odziv('on', 'opened', () => { window.wasOpened = 1 }); odziv('open');"
        )
        return Response(script, mimetype="text/javascript")

    return pages


def add_interface(app: Flask, fake: FakeApi) -> None:
    """The calls of the interface."""

    def authorised(conversation_id: str) -> dict | None:
        found = fake.conversations.get(conversation_id)
        return found if found and request.headers.get("Authorization") == f"Bearer {found['token']}" else None

    @app.get("/api/v1/sites/<key>")
    def site(key: str):
        return jsonify(site={"key": key, "name": "", **fake.site})

    @app.patch("/api/v1/conversations/<conversation_id>")
    def change(conversation_id: str):
        fake.changes.append(request.json)
        found = fake.conversations[conversation_id]
        return jsonify(conversation=found["info"], token=found["token"])

    @app.post("/api/v1/conversations")
    def begin():
        if request.json.get("resume"):
            return Response(status=204)
        fake.calls["begin"] += 1
        fake.begun.append(request.json)
        conversation = fake.begin(request.json.get("language", "en"))
        return jsonify({"conversation": conversation["info"], "token": conversation["token"]}), 201

    @app.post("/api/v1/conversations/<conversation_id>/messages")
    def post(conversation_id: str):
        fake.posts.append(request.json)
        time.sleep(fake.delay)
        if fake.refusals:
            return refusal(*fake.refusals.pop(0))
        conversation = authorised(conversation_id)
        if conversation is None:
            return refusal(401, "token_expired")
        message = store_once(fake, conversation, request.json)
        if fake.answers_lost:
            fake.answers_lost -= 1
            return refusal(502, "lost")
        return jsonify({"message": message}), 201

    @app.get("/api/v1/conversations/<conversation_id>/messages")
    def read(conversation_id: str):
        fake.calls["read"] += 1
        conversation = authorised(conversation_id)
        if conversation is None:
            return refusal(401, "unauthorized")
        after = int(request.args.get("after", 0))
        return jsonify({"messages": conversation["log"][after:], "conversation": conversation["info"]})

    @app.get("/api/v1/conversations/<conversation_id>/events")
    def events(conversation_id: str):
        fake.calls["events"] += 1
        conversation = authorised(conversation_id)
        if conversation is None:
            return refusal(401, "unauthorized")
        if not fake.can_stream:
            return refusal(503, "busy")
        after = int(request.headers.get("Last-Event-ID", 0))
        return Response(stream(fake, conversation, after), mimetype="text/event-stream")

    @app.post("/api/v1/conversations/<conversation_id>/typing")
    def typing(conversation_id: str):
        fake.calls["typing"] += 1
        return Response(status=204)


def store_once(fake: FakeApi, conversation: dict, body: dict) -> dict:
    """The message of this client id, stored now or before."""
    for message in conversation["log"]:
        if message.get("client_id") == body["client_id"]:
            return message
    message = fake.say(body["text"], "customer", conversation, client_id=body["client_id"])
    threading.Thread(target=fake.reply, args=(message, conversation), daemon=True).start()
    return message


def stream(fake: FakeApi, conversation: dict, after: int):
    """Server-Sent Events until dropped."""
    generation, drops, typed, status = fake.generation, conversation["drops"], len(conversation["typing"]), None
    yield "retry: 2000\n\n"
    while True:
        with fake.changed:
            if fake.generation != generation or conversation["drops"] != drops:
                return
            news, signs = conversation["log"][after:], conversation["typing"][typed:]
            info = conversation["info"]
        for message in news:
            after = message["seq"]
            yield f"id: {after}\nevent: message\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
        if info != status:
            status = info
            yield f"event: status\ndata: {json.dumps(info)}\n\n"
        for sign in signs:
            typed += 1
            yield f"event: typing\ndata: {json.dumps(sign)}\n\n"
        with fake.changed:
            is_quiet = (
                len(conversation["log"]) == after
                and conversation["info"] is info
                and len(conversation["typing"]) == typed
            )
            if is_quiet and conversation["drops"] == drops and not fake.changed.wait(5):
                yield ": still here\n\n"


class Served:
    """A FakeApi on a free port, in a thread."""

    def __init__(self) -> None:
        self.fake = FakeApi()
        self.server = make_server("127.0.0.1", 0, create_app(self.fake), threaded=True)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends streams and stops."""
        self.fake.reset()
        self.server.shutdown()
        self.server.server_close()
