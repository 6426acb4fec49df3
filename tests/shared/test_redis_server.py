"""Redis may be away, slow, older or not ours to use: whoever asks is told at once, and waits at most once."""

from __future__ import annotations

import subprocess
import threading

import pytest
from redis import Redis

from odziv.shared.redis_server import MOST_CONNECTIONS, NOT_ASKED, RedisAway, RedisServer, RedisWatch, script
from tests.shared.own_redis import free_port, running_redis
from tests.waiting import wait_until

pytestmark = pytest.mark.redis


class Pings:
    """Counts how often Redis was really asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, client: Redis) -> bool:
        self.count += 1
        return client.ping()


@pytest.fixture
def pings() -> Pings:
    return Pings()


def refuse(server: RedisServer, pings: Pings, times: int) -> str:
    """So many calls that fail; returns why the last one did."""
    for _ in range(times):
        with pytest.raises(RedisAway) as away:
            server.call(pings)
    return str(away.value)


def test_it_is_used_from_the_first_look_on(own_redis, pings):
    server = RedisServer(own_redis.url)
    assert refuse(server, pings, 3) == server.trouble == NOT_ASKED and pings.count == 0
    server.look()
    assert server.trouble is None and server.call(pings) is True
    server.close()


def test_one_that_was_killed_is_asked_once_and_used_again_when_it_is_back(own_redis, server, pings):
    own_redis.kill()
    refuse(server, pings, 20)
    assert pings.count == 1
    server.look()
    assert "Connection" in refuse(server, pings, 1) and pings.count == 1
    own_redis.start()
    server.look()
    assert server.call(pings) is True


def test_one_that_says_nothing_keeps_a_request_waiting_once(impatient, own_redis, server, pings):
    own_redis.stop()
    assert "Timeout" in refuse(server, pings, 20)
    assert pings.count == 1
    server.look()
    assert "Timeout" in refuse(server, pings, 1)
    own_redis.go_on()
    server.look()
    assert server.call(pings) is True


def test_connections_that_the_server_closed_are_no_failure(own_redis, server, pings):
    assert server.call(pings) is True
    own_redis.client.client_kill_filter(_type="normal", skipme=True)
    assert server.call(pings) is True and server.trouble is None


def test_many_threads_share_few_connections(own_redis, server, pings):
    begin = threading.Barrier(60)

    def work() -> None:
        begin.wait()
        for _ in range(20):
            server.call(pings)

    threads = [threading.Thread(target=work) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pings.count == 60 * 20 and server.trouble is None
    assert 1 <= len(own_redis.client.client_list()) - 1 <= MOST_CONNECTIONS


def test_a_wrong_password_is_told_without_any(caplog):
    with running_redis(password="s3cret-right") as guarded:
        right = RedisServer(guarded.url)
        right.look()
        wrong = RedisServer(guarded.url.replace("right", "wrong"))
        wrong.look()
        none = RedisServer(f"redis://127.0.0.1:{guarded.port}")
        none.look()
        assert right.trouble is None
        assert "invalid username-password" in wrong.trouble and "s3cret" not in wrong.trouble + repr(wrong)
        assert "Authentication required" in none.trouble
        for server in (right, wrong, none):
            server.close()
    assert "s3cret" not in caplog.text


def test_a_name_that_leads_nowhere_and_a_port_where_nobody_is():
    for url in (f"redis://127.0.0.1:{free_port()}", "redis://no-such-host.invalid:6379"):
        server = RedisServer(url)
        server.look()
        assert server.trouble and "Error" in server.trouble
        server.close()


def test_somebody_else_at_that_port(own_redis):
    """Redis asked by TLS, or any other server, says something that is no answer."""
    server = RedisServer(own_redis.url.replace("redis://", "rediss://"))
    server.look()
    assert server.trouble and len(server.trouble) <= 200
    server.close()


@pytest.mark.parametrize(("version", "is_used"), [("6.2.14", False), ("7.0.15", True), ("8.1.0", True), ("", True)])
def test_an_older_one_is_not_used(own_redis, monkeypatch, version, is_used):
    monkeypatch.setattr(Redis, "info", lambda *_: {"redis_version": version})
    server = RedisServer(own_redis.url)
    server.look()
    assert (server.trouble is None) is is_used
    assert is_used or server.trouble == "it is Redis 6.2.14; 7 or newer is needed"
    server.close()


def test_an_account_that_may_not_ask_for_the_version_is_enough(own_redis):
    own_redis.client.acl_setuser(
        "odziv", enabled=True, passwords=["+pass"], keys=["odziv:*"], commands=["+@all", "-@dangerous"]
    )
    server = RedisServer(own_redis.url.replace("redis://", "redis://odziv:pass@"))
    server.look()
    assert server.trouble is None
    server.close()


def test_one_that_can_only_be_read_is_not_used(own_redis, server):
    own_redis.client.config_set("min-replicas-to-write", 1)
    server.look()
    assert "NOREPLICAS" in server.trouble
    own_redis.client.config_set("min-replicas-to-write", 0)
    server.look()
    assert server.trouble is None


def test_a_full_one_is_not_used(own_redis, server, pings):
    own_redis.client.config_set("maxmemory", 1)
    run = script("return redis.call('SET', KEYS[1], 1)")
    with pytest.raises(RedisAway, match="OutOfMemory"):
        server.call(lambda client: run(client, ["odziv:x"], []))
    server.look()
    assert refuse(server, pings, 1) and pings.count == 0


def test_a_script_is_given_to_a_server_that_lost_it(own_redis, server):
    run = script("return KEYS[1] .. ARGV[1]")
    for _ in range(2):
        assert server.call(lambda client: run(client, ["a"], ["b"])) == b"ab"
        own_redis.kill()
        own_redis.start()
        server.look()


def test_the_watch_finds_out_by_itself(own_redis, monkeypatch, pings):
    monkeypatch.setattr("odziv.shared.redis_server.LOOK_SECONDS", 0.02)
    server = RedisServer(own_redis.url)
    watch = RedisWatch(server)
    watch.start()
    wait_until(lambda: server.trouble is None)
    own_redis.kill()
    wait_until(lambda: server.trouble is not None)
    own_redis.start()
    wait_until(lambda: server.trouble is None)
    assert server.call(pings) is True
    watch.stop()
    assert [thread.is_alive() for thread in watch.threads()] == [False]


def test_with_tls_the_certificate_is_checked(tmp_path, monkeypatch, pings):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-keyout", str(key), "-out", str(certificate), "-days", "36500", "-subj", "/CN=localhost"]
    make += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(make, check=True, capture_output=True)
    port = free_port()
    # It listens at every loopback address; the certificate is for one of them.
    options = (
        "--bind",
        "127.0.0.1",
        "127.0.0.2",
        "--tls-port",
        str(port),
        "--tls-cert-file",
        str(certificate),
        "--tls-key-file",
        str(key),
    )
    with running_redis(options=(*options, "--tls-auth-clients", "no")):
        stranger = RedisServer(f"rediss://localhost:{port}")
        stranger.look()
        assert "certificate verify failed" in stranger.trouble
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = RedisServer(f"rediss://localhost:{port}")
        known.look()
        assert known.trouble is None and known.call(pings) is True
        impostor = RedisServer(f"rediss://127.0.0.2:{port}")
        impostor.look()
        assert "certificate verify failed" in impostor.trouble and "127.0.0.2" in impostor.trouble
        for server in (stranger, known, impostor):
            server.close()
