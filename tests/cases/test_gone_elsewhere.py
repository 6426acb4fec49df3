"""What one process deletes, the others take out of what Rasa remembers in their data folders."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from odziv.cases import forgetting
from odziv.cases.forgetting import RemainsSweep
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.engine import gone_of
from odziv.wiring import build_services
from tests.fakes import FakeBot, FakeKnowledge
from tests.fixtures import open_again
from tests.waiting import wait_until


@pytest.fixture
def forgotten(monkeypatch) -> list[set[str]]:
    """What was taken out of Rasa's memory, each time."""
    told: list[set[str]] = []
    monkeypatch.setattr(forgetting, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(forgetting, "forget_trackers", lambda _var, ids: told.append(set(ids)))
    return told


@pytest.fixture
def elsewhere(settings: Settings, store: Store) -> Iterator[RemainsSweep]:
    """The sweep of a worker with a store of its own, which hears what others tell."""
    services = build_services(
        settings, role="worker", store=open_again(store), bot=FakeBot(), knowledge=FakeKnowledge()
    )
    services.bus.start()
    [sweep] = [each for each in services.sweeps if isinstance(each, RemainsSweep)]
    yield sweep
    services.bus.stop()
    services.store.close()


def test_another_process_hears_of_it_and_forgets_it_once(settings, store, forgotten, elsewhere):
    here = build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    stays, deleted = create_conversation(store, "demo", "en").id, set()

    def is_heard() -> bool:
        """Whether it hears of another one; it may only just begin to listen."""
        deleted.add(another := create_conversation(store, "demo", "en").id)
        delete_conversation(store, another)
        return bool(elsewhere._gone)

    here.bus.start()
    try:
        wait_until(is_heard, 10)
    finally:
        here.bus.stop()
    wait_until(lambda: elsewhere._gone, 10)
    elsewhere._forget_gone()
    elsewhere._forget_gone()
    told = set().union(*forgotten)
    assert told and told <= deleted and stays not in told
    assert sum(map(len, forgotten)) == len(told)


def test_several_that_go_together_are_forgotten_together(store, forgotten, tmp_path):
    sweep = RemainsSweep(store, tmp_path)
    ids = {create_conversation(store, "demo", "en").id for _ in range(3)}
    for each in ids:
        delete_conversation(store, each)
    sweep._forget_gone()
    assert forgotten == [ids]


def test_what_can_not_be_forgotten_now_is_tried_again(store, forgotten, monkeypatch, tmp_path):
    sweep = RemainsSweep(store, tmp_path)
    gone = create_conversation(store, "demo", "en").id
    delete_conversation(store, gone)
    with monkeypatch.context() as held:
        held.setattr(forgetting, "forget_trackers", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("held")))
        with pytest.raises(sqlite3.OperationalError):
            sweep._forget_gone()
    sweep._forget_gone()
    assert forgotten == [{gone}]


def test_what_was_only_changed_or_is_not_there_is_forgotten_by_nobody(store, forgotten, tmp_path):
    sweep = RemainsSweep(store, tmp_path)
    create_conversation(store, "demo", "en")
    delete_conversation(store, "nobody's")
    sweep._forget_gone()
    assert forgotten == []


def test_the_whole_is_swept_once_an_hour_however_often_it_is_woken(store, forgotten, monkeypatch, tmp_path):
    swept: list[bool] = []
    monkeypatch.setattr(RemainsSweep, "_sweep", lambda self: swept.append(True))
    sweep = RemainsSweep(store, tmp_path)
    assert sweep._run_once() is None
    left = sweep._run_once()
    assert left is not None and 3500 < left <= 3600 and swept == [True]


@pytest.mark.parametrize("touched", [set(), {"abc", "lists"}, {"agent:7"}])
def test_of_what_was_touched_nothing_is_gone(touched):
    assert gone_of(touched) == set()
