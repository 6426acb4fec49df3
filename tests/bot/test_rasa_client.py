"""RasaClient against a server that misbehaves in every way: all of it must come out as RasaFailed, in time."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.client import MAX_BYTES, RasaClient, RasaFailed

TOKEN = "a-token-for-the-tests"
GOOD = [{"recipient_id": "odziv:c-1", "text": "Hello"}, {"recipient_id": "odziv:c-1", "custom": {"text": "x"}}]


class FakeRasa:
    """An HTTP server that answers with `behave(handler)` and keeps what it was asked."""

    def __init__(self) -> None:
        self.behave: Callable[[BaseHTTPRequestHandler], None] = lambda handler: reply(handler, GOOD)
        self.asked: list[tuple[str, dict, dict]] = []
        self.connections: set[tuple[str, int]] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.path, dict(self.headers), json.loads(body or "null")))
                outer.connections.add(self.client_address)
                try:
                    outer.behave(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST

            def log_message(self, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def reply(handler: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
    """Answers with a body in JSON, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture
def client(rasa: FakeRasa) -> Iterator[RasaClient]:
    client = RasaClient(rasa.url, TOKEN, timeout=0.5)
    yield client
    client.close()


def test_a_customers_words_go_as_text(client, rasa):
    assert client.ask("c-1", "/restart now", "sl") == [{"text": "Hello"}, {"custom": {"text": "x"}}]
    path, headers, body = rasa.asked[0]
    assert path == "/webhooks/odziv/webhook" and headers["Authorization"] == f"Bearer {TOKEN}"
    assert body == {"sender": "c-1", "language": "sl", "text": "/restart now"}


def test_a_button_goes_as_intent(client, rasa):
    client.trigger("c-1", "choose_article", "pl", {"article": "orders/return"})
    assert rasa.asked[0][2] == {
        "sender": "c-1", "language": "pl", "intent": "choose_article", "entities": {"article": "orders/return"},
    }  # fmt: skip


def test_connections_are_kept(client, rasa):
    for _ in range(5):
        client.ask("c-1", "hello", "en")
    assert len(rasa.connections) == 1


def test_many_threads_share_one_client(rasa):
    replies, client = [], RasaClient(rasa.url, TOKEN, timeout=20)
    threads = [threading.Thread(target=lambda: replies.append(client.ask("c", "hello", "en"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert len(replies) == 20


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"\xff\xfe\x00", b"[", b"null", b"{}", b"[]", b'"text"', b"[1]", b"[null]", b'[{"text": 1}]',
     b'[{"custom": []}]', b'[{"custom": "x"}]', b'[{"text": ""}]', b'[{"text": "  "}]', b'[{"recipient_id": "x"}]',
     b'[{"text": "ok"}, 3]', b"[" * 100_000, b'[{"text": "' + b"x" * MAX_BYTES + b'"}]'],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
def test_nonsense_is_failure(client, rasa, body):
    rasa.behave = lambda handler: reply(handler, body)
    with pytest.raises(RasaFailed):
        client.ask("c-1", "hello", "en")


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 404, 500, 503])
def test_any_status_but_200_is_failure(client, rasa, status):
    rasa.behave = lambda handler: reply(handler, b"" if status == 204 else GOOD, status)
    with pytest.raises(RasaFailed, match=str(status)):
        client.ask("c-1", "hello", "en")


def silence(handler):
    time.sleep(2)


def drip_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for _ in range(20):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def drip_headers(handler):
    for piece in ["HTTP/1.1 200 OK\r\n", *[f"X-{number}: x\r\n" for number in range(20)]]:
        handler.wfile.write(piece.encode())
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("slow", [silence, drip_body, drip_headers])
def test_the_limit_is_for_the_whole_call(client, rasa, slow):
    rasa.behave = slow
    started = time.monotonic()
    with pytest.raises(RasaFailed, match="0.5 s"):
        client.ask("c-1", "hello", "en")
    assert time.monotonic() - started < 1.2
    rasa.behave = lambda handler: reply(handler, GOOD)
    assert client.ask("c-1", "hello", "en")


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def no_http(handler):
    handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
    handler.close_connection = True


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"[")
    handler.close_connection = True


@pytest.mark.parametrize("behaviour", [hang_up, no_http, cut_short])
def test_a_broken_connection_is_failure(client, rasa, behaviour):
    rasa.behave = behaviour
    with pytest.raises(RasaFailed):
        client.ask("c-1", "hello", "en")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "nonsense", "http://[::1", "ftp://127.0.0.1"])
def test_nobody_there_is_failure(url):
    client = RasaClient(url, TOKEN, timeout=0.5)
    with pytest.raises(RasaFailed):
        client.ask("c-1", "hello", "en")
    assert client.is_ready() is False
    client.close()


@pytest.mark.parametrize("text", ["\ud800", "\0", "ž" * 2000, "[](x){}"])
def test_odd_text_is_sent_as_it_is(client, rasa, text):
    client.ask("c-1", text, "en")
    assert rasa.asked[0][2]["text"] == text


def test_ready_means_200_with_our_token(client, rasa):
    assert client.is_ready() is True
    assert rasa.asked[0][0] == "/webhooks/odziv/" and "Authorization" in rasa.asked[0][1]
    rasa.behave = lambda handler: reply(handler, {"ready": False}, 503)
    assert client.is_ready() is False


@pytest.mark.slow
def test_its_state_tells_one_that_hangs_from_one_without_a_model_and_from_none(client, rasa):
    assert client.state() == "ok"
    rasa.behave = lambda handler: reply(handler, {"error": "no model loaded"}, 503)
    assert client.state() == "no model"
    rasa.behave = lambda handler: reply(handler, {"error": "unauthorized"}, 401)
    assert client.state() == "down"
    rasa.behave = lambda handler: time.sleep(1.0)
    assert client.state() == "hangs"
    assert RasaClient("http://127.0.0.1:1", TOKEN, timeout=0.5).state() == "down"


def test_one_that_takes_connections_and_says_nothing_hangs():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = RasaClient(f"http://127.0.0.1:{silent.getsockname()[1]}", TOKEN, timeout=0.2)
        assert client.state() == "hangs"


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_it_still_works_after_a_fork(client):
    client.ask("c-1", "hello", "en")
    child = os.fork()
    if child == 0:
        os._exit(0 if client.ask("c-1", "hello", "en") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
