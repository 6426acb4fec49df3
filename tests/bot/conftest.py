"""The real Rasa, trained on the shipped data and served, with our actions over a knowledge base told what to find."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from actions.endpoint import register
from bot.client import RasaClient
from bot.train import train
from odziv.processes.child import ChildProcess, rasa_process
from odziv.processes.starting import EMBED_EXAMPLES
from odziv.texts.small_talk import write_responses
from tests.actions.conftest import TITLES, FakeKnowledgeBase, make_article

ROOT = Path(__file__).parents[2]
LANGUAGES = ("sl", "hr", "pl", "en")
TOKEN = "a-token-for-the-tests"


@dataclass
class RealRasa:
    """A served Rasa: its process, where it is, what its actions find and are told, a client for a busy machine."""

    process: ChildProcess
    url: str
    kb: FakeKnowledgeBase
    client: RasaClient
    var: Path
    told: list[dict[str, Any]]


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> Path:
    """A model trained on the shipped data, kept in pytest's cache: trained anew only when that changed."""
    var = request.config.cache.mkdir("rasa")
    return train(
        var=var,
        articles=ROOT / "kb" / "articles",
        languages=LANGUAGES,
        responses=write_responses(),
        embed=EMBED_EXAMPLES,
    )


@pytest.fixture(scope="session")
def served_rasa(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRasa]:
    kb, var = FakeKnowledgeBase(), tmp_path_factory.mktemp("rasa-var")
    app = Flask(__name__)
    register(app, lambda: kb, TOKEN)
    told: list[dict[str, Any]] = []
    app.before_request(lambda: told.append(request.get_json()))
    actions = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=actions.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = RasaClient(f"http://127.0.0.1:{port}", TOKEN, timeout=15.0)
    process = rasa_process(
        model, var=var, port=port, token=TOKEN, is_ready=client.is_ready,
        action_url=f"http://127.0.0.1:{actions.server_port}/rasa/actions",
    )  # fmt: skip
    with process:
        assert process.wait_until_ready(180), (var / "logs" / "rasa.log").read_text()[-3000:]
        yield RealRasa(process, f"http://127.0.0.1:{port}", kb, client, var, told)
    client.close()
    actions.shutdown()
    actions.server_close()


@pytest.fixture
def rasa(served_rasa: RealRasa) -> RealRasa:
    """The served Rasa, whose knowledge base is sure of everything again."""
    kb = served_rasa.kb
    kb.kind, kb.found = "answer", ("orders/return", "orders/refund-time")
    kb.shelf = {key: make_article(*key) for key in TITLES}
    kb.asked.clear()
    return served_rasa
