"""A worker that listens, and a web process's services that ask it; both of the product, on one database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from odziv.settings import Settings
from odziv.store import Store
from odziv.web.services import Services
from odziv.wiring import build_services
from server import create_app
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot
from tests.fixtures import open_again
from tests.scratch_articles import ARTICLES, write


@dataclass
class Worker:
    """One that listens at `url`."""

    url: str
    services: Services
    _server: object

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.services.inner_token}"}

    def kill(self) -> None:
        """Nobody listens there any more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def apart(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a few articles of their own."""
    for name, (title, questions, body) in ARTICLES.items():
        write(tmp_path / "articles", name, title, questions, body)
    return settings.model_copy(update={"articles": tmp_path / "articles"})


@pytest.fixture
def worker(apart: Settings, store: Store) -> Iterator[Worker]:
    services = build_services(apart, role="worker", store=store, bot=FakeBot(), encoder=FakeEncoder())
    assert services.kb.articles()  # opened, as it is before a worker listens
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = Worker(f"http://127.0.0.1:{server.server_port}", services, server)
    yield found
    found.kill()
    thread.join(10)
    services.stop()


@pytest.fixture
def web(apart: Settings, worker: Worker, store: Store) -> Iterator[Services]:
    """Services of a web process whose only worker that is."""
    asking = apart.model_copy(update={"workers": (worker.url,)})
    services = build_services(asking, role="web", store=open_again(store))
    services.store.clock = store.clock
    services.workers.seconds = 60.0  # a busy machine is no worker that is away
    yield services
    services.stop()
