"""One attempt: where it goes, what comes back, and that nothing else can be made of it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from odziv.web import outgoing
from odziv.web.outgoing import post
from tests.webhooks.receiver import receiving, reply


def send(server, **options):
    return post(server.url, {"X-Test": "1"}, "{}", (server.host,), **options)


def test_what_is_sent_arrives_as_it_is():
    with receiving(lambda request: reply(request, 200, b"thank\r\nyou \x00\xff")) as server:
        attempt = post(server.url + "?a=1", {"X-Test": "1"}, '{"text":"č"}', (server.host,))
        [(headers, body)] = server.got
    assert (attempt.status, attempt.answer, attempt.problem) == (200, "thank you �", "")
    assert (headers["x-test"], headers["host"], body) == ("1", server.host, '{"text":"č"}')
    assert "cookie" not in headers and "authorization" not in headers


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_anything_but_success_is_a_problem(status):
    with receiving(lambda request: reply(request, status, b"why")) as server:
        attempt = send(server)
    assert (attempt.status, attempt.answer, attempt.problem) == (status, "why", f"It answered {status}.")


@pytest.mark.slow
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    with receiving() as target:
        with receiving(lambda request: reply(request, status, Location=target.url)) as server:
            attempt = post(server.url, {}, "{}", (server.host, target.host))
        assert attempt.status == status and "redirects" in attempt.problem
        assert target.got == []


def test_a_host_that_is_not_listed_gets_no_connection_at_all():
    with receiving() as server:
        url = server.url.replace("http:", "https:")
        for other in (url, url.replace("127.0.0.1", "2130706433"), url.replace("127.0.0.1", "localhost")):
            assert "private network" in post(other, {}, "{}", ()).problem
        assert "https" in post(server.url, {}, "{}", ()).problem
        assert server.got == []


def test_a_public_name_that_leads_to_loopback_is_refused_at_every_sending():
    def look_up(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    looked_up: list[str] = []
    for _ in range(2):
        assert "private network" in post("https://shop.example/", {}, "{}", (), look_up=look_up).problem
    assert looked_up == ["shop.example"] * 2


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "create_connection", lambda address, *_, **__: asked.append(address) or _raise())
    post("https://shop.example/", {}, "{}", (), look_up=lambda host, port: ["1.1.1.1", "2606:4700::1111"])
    assert asked == [("1.1.1.1", 443), ("2606:4700::1111", 443)]


def _raise():
    raise ConnectionRefusedError


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with receiving() as server, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert send(server).status == 204
        assert proxy.got == []


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"nonsense\r\n\r\n", b"HTTP/1.1 2"])
def test_what_hangs_or_talks_nonsense_ends_in_time(sent):
    with dripping(sent) as (url, host):
        started = time.monotonic()
        attempt = post(url, {}, "{}", (host,), seconds=0.5)
        assert attempt.problem and attempt.status is None
        assert time.monotonic() - started < 2


def test_an_endless_answer_is_left_after_its_beginning():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"a" * 5000
    with dripping(head) as (url, host):
        attempt = post(url, {}, "{}", (host,), seconds=5)
    assert attempt.status == 200 and len(attempt.answer) == outgoing.MOST_READ


@pytest.mark.slow
def test_a_success_whose_answer_drips_is_a_success():
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") as (url, host):
        attempt = post(url, {}, "{}", (host,), seconds=0.6)
    assert (attempt.status, attempt.problem) == (200, "")


def test_nobody_there_and_no_certificate():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/", {}, "{}", ("127.0.0.1",)).problem == "Nobody listens there."
    with receiving() as server:
        attempt = post(server.url.replace("http:", "https:"), {}, "{}", (server.host,), seconds=2)
    assert attempt.problem == "It has no valid certificate."
    assert post("https://nobody.invalid/", {}, "{}", ()).problem == "There is no host of that name."


@contextlib.contextmanager
def dripping(head: bytes):
    """A server that sends `head`, and then a letter now and again for as long as it is asked to."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(head)
                    while not stop.wait(0.1):
                        connection.sendall(b"a" if head else b"")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield f"http://{host}/", host
        finally:
            stop.set()
            thread.join(5)
