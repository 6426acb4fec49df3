"""All conversations as JSON Lines: whole, of one moment, and never many in memory."""

from __future__ import annotations

import gc
import json
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from odziv.cases.customer_data import all_conversations
from odziv.cases.customer_data.all_conversations import Range, export_conversations
from odziv.cases.customer_data.files import ExportFailed
from odziv.store import Store
from odziv.store.audit import list_entries
from odziv.store.conversations.attachments import attachments
from odziv.store.conversations.conversation import HANGS_ON_IT, create_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message
from odziv.store.customers import known
from odziv.store.engine import DAY_MS
from odziv.store.schema import conversations, messages
from tests.fixtures import set_contact

DAY = 1_800_000_000_000 // DAY_MS * DAY_MS
HOSTILE = '</script>\u2028\n{"id": "forged"}\n\U0001f600 „ž“ \\u0000'


def begin(store: Store, day: int = 0, site: str = "demo", text: str = "Kje je paket?") -> str:
    """A conversation begun so many days after DAY."""
    store.clock.now = DAY + day * DAY_MS
    conversation_id = create_conversation(store, site, "sl").id
    add_customer_message(store, conversation_id, "c1", text, "")
    return conversation_id


def export(store: Store, target: Path, **wanted: Any) -> list[dict[str, Any]]:
    count = export_conversations(store, target, Range(**wanted))
    lines = target.read_bytes().split(b"\n")
    assert lines.pop() == b"" and len(lines) == count
    return [json.loads(line) for line in lines]


def test_every_table_about_conversations_is_told_or_left_out_on_purpose():
    told = {part.table for part in known.PARTS.values()} | known.WRITTEN_BY_HAND
    assert told | known.LEFT_OUT == {*HANGS_ON_IT, attachments} and not told & known.LEFT_OUT


def test_a_line_holds_all_that_is_known(store, tmp_path, taken, ana):
    set_contact(store, taken, name="Janez", email="janez@hribi.example", attributes={"plan": "gold"})
    with store.write() as connection:
        append_message(connection, taken, NewMessage("agent", "VIP", "", agent_id=ana.id, internal=True))
    (line,) = export(store, tmp_path / "all.jsonl")
    assert line["id"] == taken and line["customer"]["attributes"] == {"plan": "gold"}
    assert [said["text"] for said in line["messages"]][0] == "My parcel never came."
    note = line["messages"][-1]
    assert (note["internal"], note["agent_name"], note["text"]) == (True, "Ana", "VIP")
    assert line["handoffs"][0]["reason"] == "requested" and line["created_at"].endswith("Z")
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o777 == stat.S_IRUSR | stat.S_IWUSR
    assert [(e.object, e.detail) for e in list_entries(store, action="exported")] == [
        ("conversations", {"count": 1, "site": None})
    ]


def test_what_customers_write_breaks_no_line(store, tmp_path):
    begin(store, text=HOSTILE)
    (line,) = export(store, tmp_path / "all.jsonl")
    assert line["messages"][0]["text"] == HOSTILE


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        ({}, [0, 1, 2, 3]), ({"since": 1}, [1, 2, 3]), ({"until": 1}, [0]), ({"since": 1, "until": 3}, [1, 2]),
        ({"site": "other"}, [2]), ({"site": "other", "until": 2}, []), ({"since": 9}, []),
        ({"since": 2, "until": 1}, []),
    ],
)  # fmt: skip
def test_days_and_site_narrow_it_down(store, tmp_path, wanted, days):
    ids = [begin(store, day, "other" if day == 2 else "demo") for day in range(4)]
    moments = {key: DAY + value * DAY_MS if key != "site" else value for key, value in wanted.items()}
    assert [line["id"] for line in export(store, tmp_path / "all.jsonl", **moments)] == [ids[day] for day in days]


def test_those_that_began_at_one_moment_are_all_told_once(store, tmp_path, monkeypatch):
    monkeypatch.setattr(known, "AT_ONCE", 3)
    ids = [begin(store) for _ in range(10)]
    assert [line["id"] for line in export(store, tmp_path / "all.jsonl")] == sorted(ids)


def test_it_is_of_one_moment_while_others_write(store, tmp_path, monkeypatch):
    monkeypatch.setattr(known, "AT_ONCE", 1)
    monkeypatch.setattr(all_conversations, "TELL_EVERY", 1)
    ids = [begin(store, day) for day in range(3)]

    def write_meanwhile(_count: int) -> None:
        add_customer_message(store, ids[2], f"late{_count}", "Later.", "")
        begin(store, 4)

    export_conversations(store, tmp_path / "all.jsonl", Range(), write_meanwhile)
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert [(line["id"], len(line["messages"])) for line in lines] == [(each, 1) for each in ids]


def add_many(store: Store, first: int, count: int) -> None:
    """Conversations with one message of a thousand characters each."""
    rows = [
        {"id": f"{number:024x}", "site": "demo", "language": "en", "status": "bot", "epoch": 0, "last_seq": 1}
        | {"created_at": DAY + number, "updated_at": DAY + number}
        for number in range(first, first + count)
    ]
    said = [
        {"conversation_id": row["id"], "seq": 1, "sender": "customer", "internal": False, "text": "x" * 1000}
        | {"html": "", "created_at": row["created_at"]}
        for row in rows
    ]
    with store.write() as connection:
        connection.execute(insert(conversations), rows)
        connection.execute(insert(messages), said)


def test_memory_does_not_grow_with_the_number(store, tmp_path, monkeypatch):
    monkeypatch.setattr(all_conversations, "TELL_EVERY", 50)
    peaks = []
    for step, (first, count) in enumerate([(0, 200), (200, 2000)]):
        add_many(store, first, count)
        tracemalloc.start()
        # The tests' garbage collector seldom looks.
        export_conversations(store, tmp_path / f"{step}.jsonl", Range(), lambda _count: gc.collect(1))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (tmp_path / "1.jsonl").stat().st_size > 10 * (tmp_path / "0.jsonl").stat().st_size
    assert peaks[1] < peaks[0] + 500_000  # all of the second hold more than two million characters


def test_a_file_that_is_there_stays(store, tmp_path):
    (tmp_path / "all.jsonl").write_text("mine")
    with pytest.raises(ExportFailed, match="is there already"):
        export_conversations(store, tmp_path / "all.jsonl", Range())
    assert (tmp_path / "all.jsonl").read_text() == "mine"
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportFailed, match="is there already"):
        export_conversations(store, tmp_path / "link.jsonl", Range())
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_left_of_one_that_ended_midway(store, tmp_path, monkeypatch):
    begin(store)
    monkeypatch.setattr(all_conversations, "TELL_EVERY", 1)

    def told(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_conversations(store, tmp_path / "all.jsonl", Range(), told)
    with pytest.raises(ExportFailed, match="can't be written"):
        export_conversations(store, tmp_path / "no folder" / "all.jsonl", Range())
    assert [path.name for path in tmp_path.iterdir() if path.name != "var"] == []
    assert list_entries(store, action="exported") == []


def test_by_command(app, store, tmp_path):
    ids = [begin(store, day) for day in range(3)]
    target = tmp_path / "all.jsonl"
    day = "2027-01-16"  # the second after DAY
    done = app.test_cli_runner().invoke(args=["export", "conversations", str(target), "--since", day])
    assert done.exit_code == 0 and f"{target}: 2 conversations." in done.output
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ids[1:]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--site", "nowhere"], "there is no site"), (["--since", "yesterday"], "Invalid value"),
        (["--until", "2026-02-30"], "Invalid value"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(app, tmp_path, arguments, sentence):
    done = app.test_cli_runner().invoke(args=["export", "conversations", str(tmp_path / "all.jsonl"), *arguments])
    assert done.exit_code == 2 and sentence in done.output and not (tmp_path / "all.jsonl").exists()
