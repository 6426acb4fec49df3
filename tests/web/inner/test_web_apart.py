"""A web process whose worker is away: everything is shown and stored, and what can't be done is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from odziv.cases.elsewhere.workers import WorkerClient
from odziv.desk.people import passwords
from odziv.store import Store
from odziv.store.agents.tokens import make_token
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import list_messages
from odziv.store.conversations.turns import list_due_turns
from odziv.store.handoffs.handoff import add_handoff, claim, list_queue
from odziv.web.services import Services
from server import create_app
from tests.desk.conftest import Person, add_agent, begin_session
from tests.fixtures import Visitor
from tests.waiting import wait_until


@pytest.fixture
def page(web: Services) -> FlaskClient:
    """A browser at the web process."""
    return create_app(web).test_client()


@pytest.fixture
def desk(page: FlaskClient, store: Store, monkeypatch) -> Person:
    """An editor at its desk."""
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    agent = add_agent(store, "Eda", "admin")
    begin_session(page, agent)
    return Person(agent, page)


@pytest.fixture
def visitor(page: FlaskClient) -> Visitor:
    answer = page.post("/api/v1/conversations", json={"site": "demo", "language": "en"})
    return Visitor(page, answer.get_json()["conversation"]["id"], answer.get_json()["token"])


@pytest.fixture
def working(worker, web, store) -> Iterator[None]:
    """The worker's work goes on, and both hear of each other."""
    store.clock.run()
    listening: list[bool] = []
    for services in (worker.services, web):
        services.bus.on_missed(lambda: listening.append(True))
    worker.services.start()
    web.bus.start()
    wait_until(lambda: len(listening) == 2)
    yield


def test_a_message_here_is_answered_by_the_worker_and_streamed_here(working, web, visitor, worker):
    with web.hub.follow(visitor.id) as woken:
        woken.take_change()
        assert visitor.say("How do I return boots?").status_code == 201
        wait_until(lambda: len(list_messages(web.store, visitor.id)) == 2)
        wait_until(woken.take_change)
    log = visitor.messages()
    assert [message["sender"] for message in log] == ["customer", "bot"]
    assert worker.services.bot.calls


def test_a_reply_that_is_due_at_once_is_sent_by_the_worker(working, web, visitor, desk):
    path = f"/desk/conversations/{visitor.id}"
    with web.store.write() as connection:
        add_handoff(connection, visitor.id, "requested", "en")
        change_owner(connection, visitor.id, "queued", agent_id=None)
    claim(web.store, list_queue(web.store)[0].id, desk.agent.id)
    sent = desk.post(f"{path}/messages", text="Hello from Eda", kind="reply", client_id="a1")
    assert sent.status_code in (200, 303)
    wait_until(lambda: any(m.text == "Hello from Eda" for m in list_messages(web.store, visitor.id)))


def test_what_is_written_while_no_worker_answers_is_stored_and_waits(web, worker, visitor, store):
    worker.kill()
    assert visitor.say("How do I return boots?").status_code == 201
    assert [message["sender"] for message in visitor.messages()] == ["customer"]
    assert len(list_due_turns(store, 5)) == 1


def test_health_says_that_no_worker_answers(page, worker):
    told = page.get("/health").get_json()
    assert told["status"] == "ok" and told["parts"]["worker"] == told["parts"]["rasa"] == "ok"
    worker.kill()
    answer = page.get("/health")
    parts = answer.get_json()["parts"]
    assert (answer.status_code, answer.get_json()["status"], parts["web"]) == (503, "down", "ok")
    assert parts["worker"].startswith("away: no worker answers, and what customers write waits")
    assert parts["rasa"] == "unknown"
    assert page.get("/health/ready").status_code == 200


def test_what_goes_wrong_in_the_worker_is_told_by_the_web_process(page, worker):
    worker.services.bot.ready = False
    told = page.get("/health").get_json()
    assert (told["status"], told["parts"]["rasa"]) == ("degraded", "down")
    worker.services.guard.list_failures = lambda: {"turn-0": "gone"}
    assert page.get("/health").get_json()["parts"]["threads"] == "turn-0: gone"


def test_the_workers_figures_are_passed_on(page, worker):
    worker.services.figures.count_turn("answered", 0.2)
    lines = page.get("/metrics").text.splitlines()
    assert 'odziv_turns_total{outcome="answered"} 1.0' in lines and "odziv_rasa_up 1.0" in lines
    assert len([line for line in lines if line.startswith("# TYPE odziv_turns ")]) <= 1
    assert any(line.startswith('odziv_calibration_precision{language="en"}') for line in lines)
    worker.kill()
    page.application.extensions["odziv"].kb._told = (0.0, {})
    lines = page.get("/metrics").text.splitlines()
    assert "odziv_rasa_up 0.0" in lines and "odziv_store_up 1.0" in lines
    assert not any(line.startswith(("odziv_turns_total", "odziv_calibration_precision{")) for line in lines)


def test_the_help_centre_goes_on_without_a_worker(page, worker):
    worker.kill()
    assert "Fill in the returns form" in page.get("/help/en/orders/return").text
    assert "/help/en/orders/return" in page.get("/help/en/search?q=return+item").text
    assert page.get("/help/en/search?q=zzz+qqq+www").status_code == 200
    found = page.get("/api/v1/articles?q=return&language=en").get_json()["articles"]
    assert [each["article"] for each in found] == ["orders/return"]


def test_by_meaning_the_help_centre_searches_through_the_worker(page, web):
    asked = []
    search = web.workers.ask
    web.workers.ask = lambda path, body=None, **more: asked.append(path) or search(path, body, **more)
    assert page.get("/help/en/search?q=boots+qqq+www").status_code == 200
    assert asked == ["/inner/search"]


def test_at_the_desk_passages_come_from_the_worker_and_are_said_to_be_away_without(desk, visitor, worker):
    visitor.say("How do I return boots?")
    path = f"/desk/conversations/{visitor.id}/knowledge"
    assert "Return an item" in desk.get(f"{path}?q=return+boots", **{"HX-Request": "true"}).text
    worker.kill()
    away = desk.get(f"{path}?q=return+boots", **{"HX-Request": "true"})
    assert away.status_code == 503 and "can’t be searched just now" in away.text
    assert desk.get(f"/desk/conversations/{visitor.id}").status_code == 200


@pytest.mark.parametrize("path", ["/desk/assistant", "/desk/topics"])
def test_pages_about_what_the_worker_knows_say_that_it_is_away(desk, worker, path):
    assert desk.get(path).status_code == 200
    worker.kill()
    desk.client.application.extensions["odziv"].kb._told = (0.0, {})
    away = desk.get(path)
    assert away.status_code == 503 and "can’t be searched just now" in away.text and "Back to the queue" in away.text


def test_programs_are_told_so_too(page, worker, store, web):
    agent = add_agent(store, "Eda")
    token = make_token(store, agent.id, "test", "agent", days=None)[1]
    headers = {"Authorization": f"Bearer {token}"}
    path = "/api/desk/v1/articles?q=return+boots&language=en"
    assert page.get(path, headers=headers).get_json()["articles"][0]["article"] == "orders/return"
    worker.kill()
    away = page.get(path, headers=headers)
    assert (away.status_code, away.get_json()["error"]["code"]) == (503, "busy") and away.headers["Retry-After"]


def test_editors_write_articles_without_a_worker(desk, worker, apart):
    worker.kill()
    web = desk.client.application.extensions["odziv"]
    assert web.kb.add_phrasing("orders/return", "en", "boots go back how") == "en/orders/return.md"
    assert web.kb.refresh()
    assert "boots go back how" in web.kb.article("orders/return", "en").questions


def test_with_several_workers_each_has_its_name(web, worker):
    web.workers = WorkerClient((worker.url, "http://127.0.0.1:1"), web.inner_token)
    worker.services.figures.count_turn("answered", 0.2)
    own = worker.url.removeprefix("http://")
    told = create_app(web).test_client().get("/metrics").text
    assert f'odziv_turns_total{{outcome="answered",worker="{own}"}} 1.0' in told
