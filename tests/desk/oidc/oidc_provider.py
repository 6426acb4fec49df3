"""An identity provider over HTTP (`oidc-provider-mock`), and its answers bent, for what a real one could do."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import flask
import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # it is made of what Authlib had before
    import oidc_provider_mock

TOKEN, KEYS, DISCOVERY = "/oauth2/token", "/jwks", "/.well-known/openid-configuration"
Bend = Callable[[flask.Response], flask.Response | None]


class TestProvider:
    """A provider that is running. `bent` changes what it answers at a path; `asked` has what was asked there."""

    __test__ = False

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.straighten()

    def straighten(self) -> None:
        """Bends nothing, and forgets what was asked."""
        self.bent: dict[str, Bend] = {}
        self.claims: dict[str, Any] = {}  # of the next token, over those the provider would write
        self.dropped: set[str] = set()
        self.header: dict[str, Any] = {}
        self.signing_key: RSAKey | None = None  # another than the provider publishes
        self.asked: list[tuple[str, dict[str, str]]] = []

    def add_user(self, subject: str, **claims: object) -> None:
        """Somebody the provider knows."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def confirm(self, location: str, subject: str) -> str:
        """What somebody's browser does at the provider; returns where it is sent back to."""
        answer = httpx.post(location, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def forms(self, path: str) -> list[dict[str, str]]:
        """What was posted to a path."""
        return [form for asked, form in self.asked if asked == path]

    def _answer(self, response: flask.Response) -> flask.Response:
        path = flask.request.path
        self.asked.append((path, flask.request.form.to_dict()))
        is_signed_anew = self.claims or self.dropped or self.header or self.signing_key
        if path == TOKEN and response.status_code == 200 and is_signed_anew:
            found = response.get_json()
            found["id_token"] = self._sign(found["id_token"])
            response.set_data(flask.json.dumps(found))
        if path in self.bent:
            response = self.bent[path](response) or response
        return response

    def _sign(self, token: str) -> str:
        key = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
        told = jwt.decode(token, key)
        claims = {name: value for name, value in (told.claims | self.claims).items() if name not in self.dropped}
        header = {**told.header, **self.header}
        return jwt.encode(header, claims, self.signing_key or key)


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    """The provider on a free port of this machine, till the block ends."""
    app = oidc_provider_mock.app(require_nonce=True)
    app.debug = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider = TestProvider(f"http://127.0.0.1:{server.server_port}")
    app.after_request(provider._answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def go(client: FlaskClient, path: str = "/desk/sign-in/provider") -> str:
    """Begins a sign-in; returns the address at the provider."""
    answer = client.get(path)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def come_back(client: FlaskClient, location: str):
    """Brings the browser back from the provider."""
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in_through(client: FlaskClient, provider: TestProvider, subject: str, path: str = "/desk/sign-in/provider"):
    """All of it; the answer to coming back."""
    return come_back(client, provider.confirm(go(client, path), subject))


def slowly(seconds: float) -> Bend:
    """An answer that comes late."""

    def bend(_response: flask.Response) -> None:
        time.sleep(seconds)

    return bend


def saying(status: int, body: str | bytes) -> Bend:
    """Another answer."""
    return lambda _response: flask.Response(body, status, mimetype="application/json")
