"""An installation of the product inside this process, over a database of one kind: where most rows take place."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from bench.parts.product import LIFTED
from bot.client import RasaFailed, RasaState
from odziv.cases.turns import Bot
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.migrate import migrate
from odziv.web.services import Services
from odziv.wiring import build_services
from server import create_app
from tests.fakes import FakeKnowledge
from tests.postgresql.server import EMPTY, PostgreSQLServer, find_programs, running_server

KINDS = ("sqlite", "postgresql")
GONE = 0.7  # the share of calls that the encoder is missing for
FAST = 600  # times as fast as real time, where a row is about leases of minutes


class Clock:
    """A store's clock that a row can set: `rate` times as fast as real time, and by `offset` milliseconds ahead."""

    def __init__(self, rate: float = 1.0) -> None:
        self._rate, self._began, self._from = rate, time.monotonic(), time.time_ns() // 1_000_000
        self.offset = 0

    def __call__(self) -> int:
        return self._from + round((time.monotonic() - self._began) * 1000 * self._rate) + self.offset


class EchoBot:
    """Thinks for so many seconds and repeats what was said; fetches a person when it hears of one, and may break."""

    def __init__(self, thinks: float = 0.0) -> None:
        self.thinks = thinks

    def ask(self, conversation: str, text: str, language: str, vector: Any = None) -> list[dict[str, Any]]:
        """As `RasaClient.ask`."""
        time.sleep(self.thinks)
        if "broken" in text:
            raise RasaFailed("it broke")
        if "person" in text:
            return [{"custom": {"handoff": {"reason": "requested"}}}]
        return [{"custom": {"text": f"You said: {text}"}}]

    def trigger(self, conversation: str, intent: str, language: str, entities: Any) -> list[dict[str, Any]]:
        """As `RasaClient.trigger`."""
        return self.ask(conversation, intent, language)

    def state(self) -> RasaState:
        """As `RasaClient.state`."""
        return "ok"


class SlowKnowledge(FakeKnowledge):
    """Is sure of an answer to whatever is written while a person is waited for, after so many seconds."""

    def __init__(self, thinks: float) -> None:
        super().__init__()
        self._thinks = thinks

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any]:
        """As `Knowledge.answer_directly`."""
        time.sleep(self._thinks)
        return {"text": f"An article has this on {text!r}."}


class NoEncoder(FakeKnowledge):
    """Whatever needs the encoder fails most of the time: it is gone, and back when the process is started again."""

    def _embed(self) -> None:
        if random.random() < GONE:
            raise ModuleNotFoundError("No module named 'encoder'", name="encoder")

    def note_to_stranger(self, text: str, language: str) -> str | None:
        """As `Knowledge.note_to_stranger`."""
        self._embed()
        return super().note_to_stranger(text, language)

    def vector_of(self, text: str, language: str) -> None:
        """As `Knowledge.vector_of`."""
        self._embed()

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any] | None:
        """As `Knowledge.answer_directly`."""
        self._embed()
        return super().answer_directly(text, language, article)


@dataclass
class Installation:
    """A migrated database without rows, and a data folder. `server` is PostgreSQL's, where it is on one."""

    kind: str
    folder: Path
    url: str
    server: PostgreSQLServer | None = None
    redis_url: str = ""

    @property
    def name(self) -> str:
        """What PostgreSQL calls the database."""
        return make_url(self.url).database or ""

    def open(self) -> Store:
        """A store on the database, as another process has one."""
        return Store(self.url, files=self.folder / "attachments")

    def settings(self) -> Settings:
        """One site, limits lifted, replies sent at once, the shortest lease; no mail."""
        sites = {"demo": {"name": "Smreka", "origins": ["https://shop.example"]}}
        desk = {"undo_seconds": 0, "lease_minutes": 2}
        return Settings(
            sites=sites, var=self.folder, desk=desk, limits=LIFTED, turn_workers=4, redis_url=self.redis_url
        )

    def serve(self, bot: Bot, store: Store, knowledge: FakeKnowledge | None = None) -> Services:
        """The product's services over a store; nothing of them is begun."""
        return build_services(self.settings(), store=store, bot=bot, knowledge=knowledge or FakeKnowledge())


def application_of(services: Services) -> Flask:
    """The product's application over its services; what nobody foresaw is a 500, as when it serves."""
    app = create_app(services)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


class Installations:
    """Makes installations without rows, one after the other; their databases' servers end with it."""

    def __init__(self) -> None:
        self._stack, self._count = ExitStack(), 0
        self._folder = Path(tempfile.mkdtemp(prefix="odziv-faults-"))
        self._server: PostgreSQLServer | None = None

    @contextmanager
    def make(self, kind: str) -> Iterator[Installation]:
        """One of its own, gone in the end. Raises FileNotFoundError where PostgreSQL is missing."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        try:
            yield self._make_on_server(folder) if kind == "postgresql" else self._make_in_folder(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if self._server is not None:
                self._server.drop(f"row_{self._count}")

    def close(self) -> None:
        """Ends PostgreSQL."""
        self._stack.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_in_folder(self, folder: Path) -> Installation:
        made = Installation("sqlite", folder, f"sqlite:///{folder / 'odziv.sqlite'}")
        store = made.open()
        migrate(store)
        store.close()
        return made

    def _make_on_server(self, folder: Path) -> Installation:
        if self._server is None:
            programs = find_programs()
            if programs is None:
                raise FileNotFoundError("PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql")
            self._server = self._stack.enter_context(running_server(programs))
            self._server.run(f"CREATE DATABASE {EMPTY}")
            store = Store(self._server.url(EMPTY), files=Path(os.devnull))
            migrate(store)
            store.close()
        return Installation("postgresql", folder, self._server.create(f"row_{self._count}"), self._server)
