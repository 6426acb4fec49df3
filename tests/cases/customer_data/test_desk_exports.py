"""Exports begun at the desk: whole or not there, cancelled at any moment, gone in time and with whom they hold."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from odziv.cases.customer_data import all_conversations, desk_exports
from odziv.cases.customer_data.all_conversations import Range
from odziv.cases.customer_data.desk_exports import (
    MOST_ATTEMPTS,
    Exports,
    begin_conversations,
    begin_customer,
    cancel,
    clear_exports,
    export_path,
    fetch,
)
from odziv.cases.customer_data.erasing import erase_customer, make_receipt
from odziv.cases.customer_data.whose import Who, find_customer
from odziv.cases.forgetting import delete_for_good
from odziv.cases.refused import Kind, Refused
from odziv.store.audit import list_entries
from odziv.store.customers.erasures import list_erasures
from odziv.store.customers.exports import KEPT_MS, LEASE_MS, MOST_AT_ONCE, TOLD_MS, list_exports, take_export
from odziv.store.engine import iso_time
from tests.cases.customer_data.conftest import ANNA, begin

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def tells_at_once(monkeypatch) -> None:
    monkeypatch.setattr(desk_exports, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(all_conversations, "TELL_EVERY", 1)


@pytest.fixture
def work(store, settings):
    """Makes what waits; returns how many that were."""
    return lambda: Exports(store, settings).work_off()


def anna(store, settings, case):
    return find_customer(store, settings, Who(conversation_id=case.verified))


def one(store):
    [export] = list_exports(store)
    return export


def folder_of(settings) -> list[str]:
    return sorted(os.listdir(settings.var / "exports"))


def test_conversations_of_a_range(store, settings, ana, case, work):
    since = store.clock() + 1
    begin(store, "Kje so čevlji?")
    begun = begin_conversations(store, ana, Range("demo", since, None))
    assert (one(store).status, one(store).total) == ("waiting", 1) and work() == 1
    found, path = fetch(store, settings, ana, begun)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    [line] = path.read_text("utf-8").splitlines()
    assert json.loads(line)["messages"][0]["text"] == "Kje so čevlji?"
    assert (found.status, found.count, found.bytes) == ("ready", 1, path.stat().st_size)
    entries = [(entry.action, entry.object, entry.agent_id) for entry in reversed(list_entries(store))]
    assert [entry for entry in entries if entry[0].startswith("export")] == [
        (action, "conversations", ana.id) for action in ("export_begun", "exported", "export_downloaded")
    ]


def test_everything_of_a_customer(store, settings, ana, case, work):
    begun = begin_customer(store, ana, anna(store, settings, case), case.verified)
    assert work() == 1
    with zipfile.ZipFile(fetch(store, settings, ana, begun)[1]) as zip:
        names = zip.namelist()
        assert {f"conversations/{each}.json" for each in case.annas} <= set(names) and zip.testzip() is None
        assert not any(case.eves in name for name in names)
    told = json.dumps([entry.detail for entry in list_entries(store)])
    assert ANNA not in told and case.verified not in told


@pytest.mark.parametrize("moment", ["before", "while", "ready"])
def test_cancelled_at_any_moment_nothing_is_left(store, settings, ana, case, work, monkeypatch, moment):
    begun = begin_customer(store, ana, anna(store, settings, case), case.verified)
    if moment == "while":
        tell = Exports._tell
        monkeypatch.setattr(
            Exports, "_tell", lambda self, *told: (one(store).status == "waiting" and stop(), tell(self, *told))
        )
    stop = lambda: cancel(store, settings, ana, begun)  # noqa: E731
    if moment == "before":
        stop()
    assert work() == (moment != "before")
    if moment == "ready":
        stop()
    export = one(store)
    assert (export.status, export.wanted) == ("cancelled", None)
    assert not export_path(settings, begun).exists()
    if moment != "before":
        assert folder_of(settings) == []
    assert len(list_entries(store, action="export_cancelled")) == 1
    with pytest.raises(Refused) as refused:
        cancel(store, settings, ana, begun)
    assert refused.value.kind is Kind.CONFLICT
    with pytest.raises(Refused) as refused:
        fetch(store, settings, ana, begun)
    assert refused.value.kind is Kind.NOT_FOUND


def test_it_says_how_far_it_is(store, settings, ana, work, monkeypatch):
    for number in range(3):
        begin(store, f"Vprašanje {number}")
    begin_conversations(store, ana, Range())
    seen = []
    tell = Exports._tell
    monkeypatch.setattr(Exports, "_tell", lambda self, *told: (tell(self, *told), seen.append(one(store).count)))
    work()
    assert seen == [1, 2, 3] and one(store).total == 3


def test_after_a_day_it_is_gone_and_after_a_month_forgotten(store, settings, ana, case, work):
    begun = begin_customer(store, ana, anna(store, settings, case), case.verified)
    work()
    store.clock.advance(KEPT_MS - 1)
    clear_exports(store, settings)
    assert one(store).status == "ready" and folder_of(settings) == [begun]
    store.clock.advance(1)
    clear_exports(store, settings)
    assert (one(store).status, one(store).wanted, folder_of(settings)) == ("gone", None, [])
    store.clock.advance(TOLD_MS)
    clear_exports(store, settings)
    assert list_exports(store) == []


def test_one_that_was_killed_is_begun_anew(store, settings, ana, case, work):
    begun = begin_conversations(store, ana, Range())
    assert take_export(store).attempts == 1
    path = export_path(settings, begun)
    path.parent.mkdir(parents=True)
    path.write_text("whole, but nobody heard of it")
    path.with_name(f".{begun}.part").write_text("half")
    assert work() == 0
    store.clock.advance(LEASE_MS)
    assert work() == 1
    assert (one(store).status, one(store).count, one(store).attempts) == ("ready", 4, 2)
    assert folder_of(settings) == [begun] and len(path.read_text("utf-8").splitlines()) == 4


KILLED = """
import os, signal, sys
from pathlib import Path
from odziv.cases.customer_data import all_conversations, desk_exports
from odziv.settings import Settings
from odziv.store import Store

url, var, moment, now = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def die(*_told, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

all_conversations.TELL_EVERY = 2
if moment == "while it is written":
    desk_exports.Exports._tell = die
else:
    desk_exports.exports.finish_export = die
store = Store(url, clock=lambda: now, files=var / "attachments")
desk_exports.Exports(store, Settings(sites={"demo": {"name": "Smreka"}}, var=var)).work_off()
"""


@pytest.mark.parametrize("moment", ["while it is written", "before it says that it is ready"])
def test_a_process_that_is_really_killed_leaves_it_to_the_next(store, settings, ana, case, work, moment):
    begun = begin_conversations(store, ana, Range())
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(settings.var), moment, str(store.clock())]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    left = [f".{begun}.part"] if moment == "while it is written" else [begun]
    assert folder_of(settings) == left and one(store).status == "waiting"
    with pytest.raises(Refused):
        fetch(store, settings, ana, begun)
    store.clock.advance(2 * LEASE_MS)
    assert work() == 1
    assert (one(store).status, one(store).attempts, folder_of(settings)) == ("ready", 2, [begun])
    assert len(fetch(store, settings, ana, begun)[1].read_text("utf-8").splitlines()) == 4


def test_one_that_ends_the_process_again_and_again_is_given_up(store, settings, ana, work):
    begin_conversations(store, ana, Range())
    for _ in range(MOST_ATTEMPTS):
        assert take_export(store) is not None
        store.clock.advance(LEASE_MS)
    assert work() == 1
    assert one(store).status == "failed" and "broken off" in one(store).reason


def test_a_stop_of_the_server_gives_it_back(store, settings, ana, case):
    begin_conversations(store, ana, Range())
    ending = Exports(store, settings)
    begin_stop = ending.begin_stop
    told = []
    ending._tell, tell = (lambda *said: (told.append(1), begin_stop(), tell(*said))), ending._tell
    ending.work_off()
    assert told == [1] and (one(store).status, one(store).count) == ("waiting", 0) and folder_of(settings) == []
    assert Exports(store, settings).work_off() == 1 and one(store).status == "ready"


def test_before_the_disk_is_full_it_fails(store, settings, ana, case, work, monkeypatch):
    begin_conversations(store, ana, Range())
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    assert work() == 1
    assert (one(store).status, one(store).reason) == ("failed", desk_exports.NO_ROOM) and folder_of(settings) == []


def test_where_nothing_can_be_written_it_fails_and_says_so_without_a_path(
    store, settings, ana, case, work, monkeypatch
):
    def full(*_options: object) -> None:
        raise OSError(28, "No space left on device", "/srv/odziv/var/exports/x")

    monkeypatch.setattr(os, "fsync", full)
    begin_conversations(store, ana, Range())
    assert work() == 1
    assert one(store).reason == "It could not be written: No space left on device."


def test_only_so_many_at_once(store, settings, ana, work):
    for _ in range(MOST_AT_ONCE):
        begin_conversations(store, ana, Range())
    with pytest.raises(Refused) as refused:
        begin_conversations(store, ana, Range())
    assert refused.value.kind is Kind.TOO_MANY
    cancel(store, settings, ana, list_exports(store)[0].id)
    begin_conversations(store, ana, Range())


def test_a_range_that_ends_before_it_begins_is_refused(store, ana):
    with pytest.raises(Refused, match="after the first one"):
        begin_conversations(store, ana, Range(None, 5, 5))
    assert list_exports(store) == []


def test_files_of_nobody_go(store, settings, work):
    folder = settings.var / "exports"
    folder.mkdir(parents=True)
    (folder / "left over").write_text("x")
    clear_exports(store, settings)
    assert folder_of(settings) == []


@pytest.mark.parametrize("export_id", ["0" * 32, "../odziv.sqlite", "..", "", "odziv.sqlite"])
def test_ids_that_are_none(store, settings, ana, export_id):
    for use in (lambda: fetch(store, settings, ana, export_id), lambda: cancel(store, settings, ana, export_id)):
        with pytest.raises(Refused):
            use()
    assert (settings.var / "odziv.sqlite").exists() or store.url.get_backend_name() != "sqlite"


def test_an_erasure_takes_back_what_they_are_in(store, settings, ana, case, work):
    hers = begin_customer(store, ana, anna(store, settings, case), case.verified)
    eve = find_customer(store, settings, Who(conversation_id=case.eves))
    eves = begin_customer(store, ana, eve, case.eves)
    everybody = begin_conversations(store, ana, Range())
    assert work() == 3
    waiting = begin_conversations(store, ana, Range())
    erase_customer(store, settings, anna(store, settings, case), None)
    stands = {export.id: (export.status, export.wanted is None) for export in list_exports(store)}
    assert stands[hers] == ("withdrawn", True) and stands[everybody][0] == "withdrawn"
    assert stands[eves] == ("ready", False) and stands[waiting][0] == "waiting"
    assert folder_of(settings) == [eves]
    receipt = make_receipt(store, settings, list_erasures(store)[0].id)
    assert receipt["erased"]["exports"] == 2
    assert work() == 1
    lines = fetch(store, settings, ana, waiting)[1].read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [case.eves]


def test_a_conversation_that_is_deleted_takes_its_customers_export_back(store, settings, ana, case, work):
    hers = begin_customer(store, ana, anna(store, settings, case), case.verified)
    everybody = begin_conversations(store, ana, Range())
    work()
    delete_for_good(store, settings, case.by_mail, ana.id)
    stands = {export.id: export.status for export in list_exports(store)}
    assert stands == {hers: "withdrawn", everybody: "ready"}
    clear_exports(store, settings)
    assert folder_of(settings) == [everybody]


def test_an_erasure_while_it_is_made_begins_it_anew(store, settings, ana, case, monkeypatch):
    begun = begin_conversations(store, ana, Range())
    working = Exports(store, settings)
    tell, erased = working._tell, []

    def tell_and_erase(*told: object) -> None:
        if not erased:
            erased.append(erase_customer(store, settings, anna(store, settings, case), None))
        tell(*told)

    working._tell = tell_and_erase
    assert working.work_off() == 2
    lines = fetch(store, settings, ana, begun)[1].read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [case.eves] and folder_of(settings) == [begun]


def test_what_is_left_of_it_says_nothing_of_the_customer(store, settings, ana, case, work):
    begin_customer(store, ana, anna(store, settings, case), case.verified)
    work()
    erase_customer(store, settings, anna(store, settings, case), None)
    assert ANNA not in repr(one(store)) and case.verified not in repr(one(store))
    assert iso_time(one(store).created_at)
