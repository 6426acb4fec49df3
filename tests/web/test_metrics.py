"""What Prometheus is told: the figures are right, cheap, and say nothing of any customer."""

from __future__ import annotations

import re
import sqlite3
import time
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.dialects import sqlite

from bot.client import RasaFailed
from kb.model.confidence import CAREFUL
from odziv.store import Store
from odziv.store.backups.state import noting
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.handoffs.handoff import add_handoff
from odziv.store.waiting import QUESTIONS, measure_waiting
from odziv.store.webhooks.subscriptions import add_webhook
from odziv.wiring import build_services
from server import create_app
from tests.fakes import FakeBot, FakeKnowledge
from tests.fixtures import RASA_TOKEN, with_mail

MINUTE_MS = 60_000


def read(client) -> dict[tuple[str, str], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            if "le" not in sample.labels:
                found[sample.name, " ".join(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def test_turns_are_counted_by_outcome_and_timed_by_part(client, visitor, run_turns, services):
    visitor.say("How do I return boots?")
    run_turns()
    services.bot.says = [{"custom": {"handoff": {"reason": "requested"}}}]
    visitor.say("A person, please", "c2")
    run_turns()
    told = read(client)
    assert not any(name.endswith("_created") for name, _ in told)
    assert told["odziv_turns_total", "answered"] == told["odziv_turns_total", "handed_off_requested"] == 1
    for part, count in {"whole": 2, "asking": 2, "encoding": 2, "saving": 2}.items():
        assert told["odziv_turn_seconds_count", part] == count
        assert 0 <= told["odziv_turn_seconds_sum", part] < 60


def test_a_turn_that_fails_is_counted_too(client, visitor, run_turns, services, monkeypatch):
    monkeypatch.setattr(services.turns._reactions, "react", lambda _turn: 1 / 0)
    visitor.say("Hello")
    services.turns.run_next()
    assert read(client)["odziv_turns_total", "failed"] == 1


def test_what_waits_has_a_number_and_an_age(client, store, visitor):
    visitor.say("Hello")
    waiting = create_conversation(store, "demo", "en")
    with store.write() as connection:
        add_handoff(connection, waiting.id, "requested", "en")
    store.clock.advance(MINUTE_MS)
    told = read(client)
    assert (told["odziv_waiting", "queue"], told["odziv_waiting_oldest_seconds", "queue"]) == (1, 60)
    assert (told["odziv_waiting", "turns"], told["odziv_waiting_oldest_seconds", "turns"]) == (1, 60)
    assert (told["odziv_waiting", "mails"], told["odziv_waiting_oldest_seconds", "mails"]) == (0, 0)


def test_streams_are_counted_by_door(client, services):
    services.open_streams.enter("1.2.3.4", "c1")
    place = services.open_streams.enter("1.2.3.4", "agent", is_desk=True)
    told = read(client)
    assert (told["odziv_streams_open", "visitor"], told["odziv_streams_open", "desk"]) == (1, 1)
    services.open_streams.leave(place)
    assert read(client)["odziv_streams_open", "desk"] == 0


def test_the_index_and_how_sure_is_sure(client, services, store):
    services.kb.shelf = {("a", "en"): SimpleNamespace(language="en"), ("b", "sl"): SimpleNamespace(language="sl")}
    services.kb.calibration = {"en": CAREFUL}
    services.kb.refreshed_at = store.clock() / 1000 - 30
    services.kb.problems = [1, 2]
    told = read(client)
    assert (told["odziv_articles", "en"], told["odziv_articles", "pl"]) == (1, 0)
    assert told["odziv_calibration_sure_from", "en"] == CAREFUL.answer_from
    assert (round(told["odziv_index_age_seconds", ""]), told["odziv_article_problems", ""]) == (30, 2)


def test_rasa_disk_database_and_process(client, services):
    told = read(client)
    assert (told["odziv_rasa_up", ""], told["odziv_store_up", ""], told["odziv_threads_failed", ""]) == (1, 1, 0)
    assert told["odziv_disk_free_bytes", ""] > 0
    assert told["process_resident_memory_bytes", ""] > 1_000_000
    services.bot.ready = False
    assert read(client)["odziv_rasa_up", ""] == 0


@pytest.mark.sqlite
def test_the_databases_file_has_bytes(client):
    assert read(client)["odziv_database_bytes", ""] > 4096


@pytest.mark.postgresql
def test_postgresql_has_no_file_and_no_backups_of_ours(settings, postgresql_store):
    services = build_services(settings, store=postgresql_store, bot=FakeBot(), knowledge=FakeKnowledge())
    services.rasa_token = RASA_TOKEN
    told = read(create_app(services).test_client())
    assert told["odziv_store_up", ""] == 1
    assert not [name for name, _ in told if name.startswith(("odziv_database", "odziv_backup"))]


@pytest.mark.sqlite
def test_the_last_backup(client, services, store):
    assert read(client)["odziv_backup_last_success_timestamp_seconds", ""] == 0
    with noting(services.settings.var, store.clock) as note:
        note(1.5, 1000)
    with pytest.raises(RuntimeError), noting(services.settings.var, store.clock):
        raise RuntimeError
    told = read(client)
    assert told["odziv_backup_last_success_timestamp_seconds", ""] == pytest.approx(store.clock() / 1000)
    assert (told["odziv_backup_bytes", ""], told["odziv_backup_seconds", ""]) == (1000, 1.5)
    assert told["odziv_backup_failed", ""] == 1


def test_webhooks_at_which_nothing_arrives(client, store):
    hook, _ = add_webhook(store, "https://x.example/hook", ("message.created",))
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE webhooks SET failing_since = 1")
    assert read(client)["odziv_webhooks_failing", ""] == 1


def test_mails_are_counted(client, services):
    services.figures.count_mail("in", "opened")
    services.figures.count_mail("out", "sent")
    told = read(client)
    assert (told["odziv_mails_total", "opened in"], told["odziv_mails_total", "sent out"]) == (1, 1)


def test_a_database_that_does_not_answer_takes_away_only_its_own_figures(client, services, monkeypatch):
    def fail(_store):
        from sqlalchemy.exc import OperationalError

        raise OperationalError("SELECT", None, sqlite3.OperationalError("disk I/O error"))

    monkeypatch.setattr("odziv.web.metrics.state.measure_waiting", fail)
    monkeypatch.setattr(services.store, "why_not_storing", lambda: "the disk is full")
    told = read(client)
    assert told["odziv_store_up", ""] == 0 and told["odziv_rasa_up", ""] == 1
    assert ("odziv_waiting", "queue") not in told


def test_no_label_says_anything_of_a_customer(client, visitor, run_turns, services):
    services.bot.says = RasaFailed("Bojan Kos, bojan@kos.example")
    visitor.say("I am Bojan Kos, bojan@kos.example, order 123456")
    run_turns()
    told = client.get("/metrics").get_data(as_text=True)
    assert not re.search(r"kos|123456|smreka|demo|" + visitor.id, told, re.IGNORECASE)
    labels = set(re.findall(r'(\w+)="', told))
    assert labels <= {"outcome", "part", "le", "way", "what", "door", "language"}


def test_each_application_counts_for_itself(services):
    other = type(services.figures)()
    services.figures.count_turn("answered", 0.1)
    assert other.registry.get_sample_value("odziv_turns_total", {"outcome": "answered"}) is None


@pytest.mark.sqlite
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_reads_a_whole_table(store: Store, name):
    sql = QUESTIONS[name].compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with store.read() as connection:
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert plan and all("INDEX" in step for step in plan), plan


@pytest.mark.slow
def test_a_scrape_is_cheap_however_much_there_is(client, store):
    for _ in range(100):
        conversation = create_conversation(store, "demo", "en")
        for number in range(20):
            add_customer_message(store, conversation.id, f"c{number}", "words " * 50, "")
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE turns SET status = 'done', finished_at = 1")
    read(client)
    took = []
    for _ in range(20):
        began = time.thread_time()
        client.get("/metrics")
        took.append(time.thread_time() - began)
    assert min(took) < 0.02
    assert measure_waiting(store)["turns"].count == 0


def test_mail_that_goes_out_is_counted_where_it_is_sent(settings, store):
    services = build_services(with_mail(settings), store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    assert services.mail.outbound._figures is services.figures
