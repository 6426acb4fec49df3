"""What is committed in one process is streamed by another at once, which never looks by itself here."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from odziv.settings import Settings
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.notifications import CHANNEL
from odziv.store.settings.changes import change_values
from odziv.web.services import Services
from odziv.web.streams import ON_PAGE_MS
from odziv.wiring import build_services
from tests.fakes import FakeBot, FakeKnowledge
from tests.postgresql.server import PostgreSQLServer
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(params=["sqlite", POSTGRESQL])
def database(request) -> Iterator[str]:
    """Empty: SQLite's own file, or a database of the tests' server."""
    if request.param == "sqlite":
        yield ""
        return
    server = request.getfixturevalue("postgresql")
    yield server.create("two_processes")
    server.drop("two_processes")


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Services]:
    """This process's services, of which only the bus runs."""
    settings = Settings(sites={"demo": {"name": "Smreka"}}, var=tmp_path / "var", database_url=database)
    services = build_services(settings, bot=FakeBot(), knowledge=FakeKnowledge())
    services.bus.start()
    yield services
    services.bus.stop()
    services.store.close()


class Follower:
    """The other process, and all that it printed."""

    def __init__(self, services: Services, conversation_id: str) -> None:
        arguments = [str(services.settings.var), services.settings.database_url, conversation_id]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bus.follower", *arguments],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.printed: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self.process.stdout as lines:
            self.printed.extend(lines)

    def says(self, *parts: str) -> bool:
        """Whether each of these stands in what it printed."""
        told = "".join(self.printed)
        return all(part in told for part in parts)

    def type(self, sender: str) -> None:
        """Somebody begins to type there."""
        self.process.stdin.write(f"{sender}\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """Has it end well."""
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        self._reader.join(10)


@contextmanager
def following(services: Services, conversation_id: str) -> Iterator[Follower]:
    """The other process, from when it listens."""
    follower = Follower(services, conversation_id)
    try:
        wait_until(lambda: follower.says("listening", "event: status"), 60)
        yield follower
        follower.end()
    finally:
        follower.process.kill()
        follower.process.wait()
        follower.process.stdin.close()


def say(services: Services, conversation_id: str, text: str) -> None:
    add_customer_message(services.store, conversation_id, f"id-{text}", text, f"<p>{text}</p>")


def test_what_is_set_at_the_desk_holds_in_the_other_process_at_once(here: Services):
    conversation = create_conversation(here.store, "demo", "sl").id
    with following(here, conversation) as other:
        change_values(here.store, None, {"sites/demo/color": "#aa3311"}, seen=0)
        wait_until(lambda: other.says("colour #aa3311"))
        change_values(here.store, None, {"sites/demo/color": None}, seen=1)
        wait_until(lambda: "colour \n" in other.printed)


def test_a_message_is_streamed_by_the_other_process_and_signs_pass_both_ways(here: Services):
    conversation = create_conversation(here.store, "demo", "sl").id
    with following(here, conversation) as other, here.hub.follow(conversation) as heard:
        say(here, conversation, "Živjo")
        wait_until(lambda: other.says("Živjo"))
        here.hub.typing(conversation, "bot", True)
        wait_until(lambda: other.says('"sender": "bot", "typing": true'))
        other.type("agent")
        wait_until(lambda: "agent" in heard.take_typing())
        now = here.store.clock()
        wait_until(lambda: here.hub.customer_seen_at(conversation) > now - ON_PAGE_MS)


@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
def test_what_others_put_on_the_channel_troubles_nobody(here: Services):
    conversation = create_conversation(here.store, "demo", "sl").id
    address = here.store.url.render_as_string(hide_password=False)
    with following(here, conversation) as other, psycopg.connect(address, autocommit=True) as stranger:
        for payload in (
            "",
            "hello",
            "[]",
            '{"from": "x", "kind": "touched", "items": [7, {}, ["a", "b"]]}',
            "x" * 7990,
        ):
            stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
        say(here, conversation, "Dobar dan")
        wait_until(lambda: other.says("Dobar dan"))


@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
def test_what_is_rolled_back_is_told_to_nobody(here: Services):
    conversation = create_conversation(here.store, "demo", "sl").id
    with following(here, conversation) as other:
        with pytest.raises(ZeroDivisionError), here.store.write() as connection:
            connection.info["touched"].add(conversation)
            raise ZeroDivisionError
        say(here, conversation, "Dzień dobry")
        wait_until(lambda: other.says("Dzień dobry"))
        assert find_conversation(here.store, conversation).last_seq == 1
        assert "".join(other.printed).count("event: message") == 1


@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
def test_after_the_connection_broke_all_who_follow_look(here: Services, postgresql: PostgreSQLServer):
    conversation = create_conversation(here.store, "demo", "sl").id
    with following(here, conversation) as other:
        listening = "datname = 'two_processes' AND query LIKE 'LISTEN%'"
        postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {listening}")
        say(here, conversation, "Hello")  # nobody may hear of it
        wait_until(lambda: other.says("Hello"))
        say(here, conversation, "Again")
        wait_until(lambda: other.says("Again"))
