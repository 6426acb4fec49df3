"""Several web processes count together in Redis; whatever becomes of it, every message is taken, and answered once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.schema import messages
from odziv.web.services import Services
from odziv.wiring import build_services
from server import create_app
from tests.desk.conftest import PASSWORD, add_agent, csrf_of
from tests.fakes import FakeBot, FakeKnowledge
from tests.fixtures import Visitor
from tests.shared.own_redis import OwnRedis

pytestmark = pytest.mark.redis


@pytest.fixture
def begin(settings: Settings, store: Store, own_redis: OwnRedis):
    """Begins a web process on the same store and Redis; a limit of the settings may be another."""
    begun: list[Services] = []

    def begin(**limits: int) -> Flask:
        changed = {"limits": settings.limits.model_copy(update=limits), "redis_url": own_redis.url}
        services = build_services(
            settings.model_copy(update=changed), store=store, bot=FakeBot(), knowledge=FakeKnowledge()
        )
        services.redis.look()
        begun.append(services)
        return create_app(services)

    yield begin
    for services in begun:
        services.redis.close()


def open_at(app: Flask, **headers: str) -> Visitor | None:
    client = app.test_client()
    answer = client.post("/api/v1/conversations", json={"site": "demo", "language": "en"}, headers=headers)
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        return None
    return Visitor(client, answer.get_json()["conversation"]["id"], answer.get_json()["token"])


def redis_part(app: Flask) -> tuple[str, str, float]:
    """What health says of it and of all, and what the metrics do."""
    told = app.test_client().get("/health").get_json()
    text = app.test_client().get("/metrics").get_data(as_text=True)
    [family] = [each for each in text_string_to_metric_families(text) if each.name == "odziv_redis_up"]
    return told["parts"]["redis"], told["status"], family.samples[0].value


def test_an_address_has_its_limit_at_all_processes_together(begin):
    one, other = (begin(conversations_per_minute_per_address=3) for _ in range(2))
    assert [open_at(app) is not None for app in (one, other, one, other, one)] == [True, True, True, False, False]


def test_guesses_at_a_password_count_at_all_processes_together(begin, store):
    add_agent(store, "Ana Kovač")
    statuses = []
    for number in range(12):
        client = begin().test_client()
        fields = {"csrf_token": csrf_of(client), "email": "ana@smreka.example", "password": f"guess {number}"}
        statuses.append(client.post("/desk/sign-in", data=fields).status_code)
    assert statuses == [401] * 10 + [429] * 2
    client = begin().test_client()
    fields = {"csrf_token": csrf_of(client), "email": "ana@smreka.example", "password": PASSWORD}
    assert client.post("/desk/sign-in", data=fields).status_code == 429


def test_health_and_metrics_say_that_it_is_away(begin, own_redis):
    app = begin()
    services = app.extensions["odziv"]
    services.bot.ready = True
    assert redis_part(app)[0] == "ok" and redis_part(app)[2] == 1
    own_redis.kill()
    assert open_at(app) is not None
    told, status, is_up = redis_part(app)
    assert told.startswith("away: ConnectionError") and (status, is_up) == ("degraded", 0)
    assert app.test_client().get("/health/ready").status_code == 200
    own_redis.start()
    services.redis.look()
    assert redis_part(app)[::2] == ("ok", 1)


def test_without_the_setting_there_is_no_such_part_and_no_driver(app, services, client):
    assert services.redis is None
    assert "redis" not in client.get("/health").get_json()["parts"]
    assert "odziv_redis_up" not in client.get("/metrics").get_data(as_text=True)


def test_limits_hold_in_each_process_while_it_is_away(begin, own_redis):
    one, other = (begin(conversations_per_minute_per_address=2) for _ in range(2))
    own_redis.kill()
    for app in (one, other):
        assert [open_at(app) is not None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("ways", [("flush", "stop", "go_on"), ("kill", "start", "flush")])
def test_under_load_nothing_is_lost_or_answered_twice_whatever_becomes_of_it(
    impatient, begin, own_redis, store, run_turns, ways
):
    apps = [begin(messages_per_minute_per_address=10**6, messages_per_minute_per_visitor=60) for _ in range(2)]
    visitors = [open_at(app) for app in apps for _ in range(2)]
    statuses: Counter[int] = Counter()
    acknowledged: set[tuple[str, str]] = set()

    def write(visitor: Visitor, part: str) -> None:
        for number in range(12):
            for _ in range(2):  # browsers send again what they heard nothing of
                statuses[status := visitor.say("hello", f"{part}-{number}").status_code] += 1
                acknowledged.update({(visitor.id, f"{part}-{number}")} if status == 201 else ())

    for part, way in enumerate(("", *ways)):
        threads = [threading.Thread(target=write, args=[visitor, str(part)]) for visitor in visitors]
        for thread in threads:
            thread.start()
        change_redis(own_redis, apps, way)
        for thread in threads:
            thread.join()
    assert set(statuses) <= {201, 429} and statuses[201] > 200
    run_turns()
    with store.read() as connection:
        rows = connection.execute(select(messages)).all()
    stored = [(row.conversation_id, row.client_id) for row in rows if row.sender == "customer"]
    answered = Counter((row.conversation_id, row.reply_to) for row in rows if row.reply_to is not None)
    assert sorted(stored) == sorted(acknowledged)
    assert len(answered) == len(stored) and set(answered.values()) == {1}


def change_redis(own_redis: OwnRedis, apps: list[Flask], way: str) -> None:
    ways: dict[str, Callable[[], object]] = {
        "": lambda: None,
        "flush": lambda: own_redis.client.flushall(),
        "stop": own_redis.stop,
        "go_on": own_redis.go_on,
        "kill": own_redis.kill,
        "start": own_redis.start,
    }
    ways[way]()
    if way in ("go_on", "start"):
        for app in apps:
            app.extensions["odziv"].redis.look()


def test_the_watch_begins_and_ends_with_the_work_beside_requests(begin):
    services = begin().extensions["odziv"]
    names = [thread.name for thread in services.threads()]
    assert "redis-watch" in names
