"""The whole application, wired: every kind of response carries its safety headers."""

from __future__ import annotations

import pytest

from bot.trackers import sender_of, tracker_of
from odziv.desk.blueprint import blueprint
from odziv.settings import Settings
from odziv.store.conversations.conversation import create_conversation
from odziv.wiring import build_services
from server import create_app
from tests.desk.conftest import add_agent, come_in
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot
from tests.fixtures import SHOP

ARTICLE = "---\ntitle: Returns\nquestions: ['How do I return this?']\nstatus: published\n---\nYou have 14 days.\n"


@pytest.fixture
def client(settings, tmp_path):
    """A caller of the real application, with one article and a fake encoder and bot."""
    path = tmp_path / "articles" / "en" / "orders" / "return.md"
    path.parent.mkdir(parents=True)
    path.write_text(ARTICLE)
    with_articles = settings.model_copy(update={"articles": tmp_path / "articles"})
    app = create_app(build_services(with_articles, encoder=FakeEncoder(), bot=FakeBot()))
    yield app.test_client()
    app.extensions["odziv"].stop()


def test_a_sites_tags_count_when_rasa_answers_for_its_customers(settings, tmp_path):
    sites = {"outlet": {"name": "Outlet", "tags": ["outlet"]}, "shop": {"name": "Shop"}}
    tagged = Settings(sites=sites, var=settings.var, articles=tmp_path / "none")
    services = build_services(tagged, encoder=FakeEncoder(), bot=FakeBot())
    for site, tags in (("outlet", ("outlet",)), ("shop", ())):
        conversation = create_conversation(services.store, site, "en")
        assert services.knowledge.tags_of(tracker_of(sender_of(conversation.id, 3))) == tags
    services.stop()


KINDS = [
    ("GET", "/demo/en/", 200),
    ("GET", "/help/en/orders/return", 200),
    ("GET", "/help/en/orders/nothing", 404),
    ("GET", "/", 302),
    ("GET", "/widget.js", 200),
    ("GET", "/health", 200),
    ("GET", "/desk/", None),
    ("GET", "/desk/sign-in", 200),
    ("GET", "/nothing", 404),
    ("GET", "/api/v1/nothing", 404),
    ("DELETE", "/api/v1/conversations", 405),
    ("POST", "/api/v1/conversations", 400),
    ("OPTIONS", "/api/v1/conversations", 200),
    ("POST", "/rasa/actions", None),
    ("POST", "/rasa/check", 401),
]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "status"), KINDS)
def test_every_kind_of_response_is_safe(client, method, path, status):
    answer = client.open(path, method=method)
    assert status is None or answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy if path.startswith("/desk") else "frame-ancestors" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"]
    answer.close()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/nothing", "not_found"),
        ("DELETE", "/api/v1/conversations", "method_not_allowed"),
        ("PUT", "/api/v1/conversations", "method_not_allowed"),
        ("GET", "/api/v1/conversations", "unauthorized"),
        ("POST", "/api/v1/conversations", "bad_request"),
    ],
)
@pytest.mark.slow
def test_a_program_gets_json_whatever_it_did_wrong(client, method, path, code):
    assert client.open(path, method=method).get_json()["error"]["code"] == code


@pytest.mark.parametrize(
    "path", ["/desk/nowhere", "/desk/conversations/gone", f"/desk{blueprint.static_url_path}/nothing.css"]
)
@pytest.mark.slow
def test_an_agent_gets_the_desks_own_page_where_there_is_nothing(client, path):
    services = client.application.extensions["odziv"]
    signed_in = come_in(client.application, add_agent(services.store, "Ana Kovač")).client
    answer = signed_in.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html") and "Back to the queue" in answer.text


def test_a_conversation_and_its_stream_are_safe_too(client):
    answer = client.post("/api/v1/conversations", json={"site": "demo"}, headers={"Origin": SHOP})
    body = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {body['token']}"}
    stream = client.get(f"/api/v1/conversations/{body['conversation']['id']}/events", headers=headers, buffered=False)
    assert "default-src 'none'" in stream.headers["Content-Security-Policy"]
    assert stream.headers["X-Content-Type-Options"] == "nosniff"
    stream.close()


@pytest.mark.slow
def test_a_start_begins_to_look_after_the_queue_and_a_stop_ends_it(client):
    services = client.application.extensions["odziv"]
    services.start()
    thread = services.queue_monitor._thread
    assert thread.is_alive()
    services.stop()
    assert not thread.is_alive()
