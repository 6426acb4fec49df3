"""Who may read /metrics: whoever has the token, and this machine where nothing tells of a proxy. Nobody else."""

from __future__ import annotations

import pytest

from odziv.wiring import build_services
from server import create_app
from tests.fakes import FakeBot, FakeKnowledge


@pytest.fixture
def client_with(settings, store):
    """A caller of an application whose settings differ in what is given."""

    def client_with(**changed):
        settings_then = type(settings).model_validate({**settings.model_dump(), **changed})
        services = build_services(settings_then, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
        return create_app(services).test_client()

    return client_with


def token(settings) -> str:
    return (settings.var / "secrets" / "metrics").read_text()


def bearer(settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(settings)}"}


def test_on_this_machine_it_needs_no_token(client):
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_has_many_names(client, address):
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "", "unix:", "localhost"]
)
def test_from_anywhere_else_there_is_no_such_address(client, address):
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.data) == (404, client.get("/nothing-here").data)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": ""},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "localhost"},
        {"Via": "1.1 proxy"},
        {"Host": "help.smreka.example"},
        {"Host": "evil.example:8080"},
        {"Host": ""},
    ],
)  # fmt: skip
def test_what_a_proxy_passes_on_does_not_come_from_this_machine(client, headers):
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [{"public_url": "https://help.smreka.example"}, {"limits": {"trusted_proxies": 1}}, {"metrics": "token"}],
)
def test_where_a_proxy_is_in_front_loopback_is_no_proof(client_with, changed, settings):
    client = client_with(**changed)
    assert client.get("/metrics").status_code == 404
    forged = {"X-Forwarded-For": "127.0.0.1", "Host": "localhost"}
    assert client.get("/metrics", headers=forged).status_code == 404
    assert client.get("/metrics", headers=bearer(settings)).status_code == 200


def test_with_the_token_from_anywhere(client, settings):
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", headers=bearer(settings), environ_base=away).status_code == 200
    passed_on = {**bearer(settings), "X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", headers=passed_on).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer x", "Basic eA==", "Bearer \u017e", "bearer"])
@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_a_wrong_token_is_refused_everywhere(client, given, address):
    headers = {"Authorization": given.encode().decode("latin-1")}
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "unauthorized")


def test_other_secrets_are_none(client, services):
    for name in ("rasa", "session", "visitors"):
        headers = {"Authorization": f"Bearer {services.settings.secret(name)}"}
        assert client.get("/metrics", headers=headers).status_code == 401


@pytest.mark.parametrize("off", ["off", False])
def test_it_can_be_off(client_with, off, settings):
    client = client_with(metrics=off)
    assert client.get("/metrics", headers=bearer(settings)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(client, method):
    assert getattr(client, method)("/metrics").status_code == 405


def test_openmetrics_is_spoken_too(client):
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.data.endswith(b"# EOF\n") and answer.headers["Cache-Control"] == "no-store"
