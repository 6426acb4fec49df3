"""A web process has no encoder and nothing of the model; each part can be started alone, and says what is wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from odziv.processes import settled, supervisor
from odziv.processes.alone import only_trainer
from odziv.processes.only_server import FILE, FolderTaken, only_server
from odziv.settings import ROOT
from tests.scratch_articles import ARTICLES, write

HEAVY = ["torch", "faiss", "sklearn", "sentence_transformers", "transformers", "lingua", "rasa_sdk", "kb.knowledge"]
# A web process that has shown and stored something of everything.
WEB = f"""
import json, sys
from server import create_app
app = create_app(role="web")
services = app.extensions["odziv"]
services.start()
client = app.test_client()
for path in ("/help/en/", "/help/en/orders/return", "/help/en/search?q=boots+back", "/demo/en/", "/widget.js",
             "/desk/sign-in", "/health", "/metrics", "/api/v1/articles?q=return"):
    answer = client.get(path)
    assert answer.status_code in (200, 503), (path, answer.status_code)
opened = client.post("/api/v1/conversations", json={{"site": "demo", "language": "en"}}).get_json()
headers = {{"Authorization": "Bearer " + opened["token"]}}
path = "/api/v1/conversations/" + opened["conversation"]["id"] + "/messages"
assert client.post(path, json={{"client_id": "a", "text": "Hello there"}}, headers=headers).status_code == 201
threads = sorted(thread.name for thread in services.threads())
services.stop()
print(json.dumps({{"heavy": [name for name in {HEAVY!r} if name in sys.modules], "threads": threads}}))
"""

# What is loaded when a process begins to serve, and what of it is looked through for garbage from then on.
SERVING = """
import gc, runpy
from types import SimpleNamespace
from server import create_app
app = create_app(role="web")
gunicorn = runpy.run_path("gunicorn.conf.py")
gunicorn["post_worker_init"](SimpleNamespace(application=app))
print(gc.get_freeze_count(), len(gc.get_objects()))
app.extensions["odziv"].stop()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder and articles of its own, and a worker that is not there."""
    for name, (title, questions, body) in ARTICLES.items():
        write(tmp_path / "articles", name, title, questions, body)
    config = tmp_path / "config.yml"
    config.write_text(f"odziv:\n  sites: {{demo: {{name: Smreka}}}}\n  articles: {tmp_path / 'articles'}\n")
    own = {"ODZIV_CONFIG": str(config), "ODZIV_VAR": str(tmp_path / "var"), "ODZIV_WORKER_PORT": "1"}
    return {**os.environ, **own}


def test_what_is_loaded_at_the_start_is_not_looked_through_for_garbage(environment):
    done = subprocess.run(
        [sys.executable, "-c", SERVING], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    kept, looked_through = map(int, done.stdout.split()[-2:])
    assert kept > 50_000 and looked_through < kept / 10


@pytest.mark.parametrize("has_it", [True, False])
def test_memory_is_given_back_where_the_system_s_library_can(monkeypatch, has_it):
    given: list[int] = []
    library = SimpleNamespace(malloc_trim=given.append) if has_it else SimpleNamespace()
    monkeypatch.setattr(settled, "ctypes", SimpleNamespace(CDLL=lambda _name: library))
    monkeypatch.setattr(settled, "gc", SimpleNamespace(collect=list, freeze=list))
    settled.settle()
    assert given == [0] * has_it


def test_a_web_process_has_no_encoder_and_does_no_work(environment):
    done = subprocess.run(
        [sys.executable, "-c", WEB], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "heavy": [],
        "threads": ["bus-receiver", "bus-sender", "kb-watch", "settings-follower"],
    }


def start(environment: dict[str, str], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "server.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**environment, **more}, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("arguments", [["wep"], ["web", "worker"], ["--role", "web"]])
def test_what_is_no_part_is_refused_with_the_usage(capsys, arguments):
    assert supervisor.main(arguments) == 2
    assert "Usage: python server.py [web | worker | rasa]" in capsys.readouterr().err


def test_help_is_no_error(capsys):
    assert supervisor.main(["--help"]) == 0
    assert "Usage: python server.py [web | worker | rasa]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("part", "variable", "key"),
    [
        ("web", "ODZIV_PORT", "port"),
        ("worker", "ODZIV_WORKER_PORT", "worker_port"),
        ("rasa", "ODZIV_RASA_PORT", "rasa_port"),
    ],
)
def test_a_port_that_is_taken_is_said_with_its_setting(environment, free_socket, part, variable, key):
    port = str(free_socket.getsockname()[1])
    done = start(environment, part, **{variable: port})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"127.0.0.1:{port} can't be used" in done.stderr and f"choose another {key} in config.yml" in done.stderr


@pytest.fixture
def free_socket():
    """A socket that listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False)])
def test_beside_a_whole_server_no_part_starts_and_the_other_way_round(tmp_path, first, second):
    refused = pytest.raises(FolderTaken, match="another Odziv")
    with only_server(tmp_path, shared=first), refused, only_server(tmp_path, shared=second):
        pass
    with only_server(tmp_path, shared=second):
        pass


def test_parts_share_the_folder(tmp_path):
    with only_server(tmp_path, shared=True), only_server(tmp_path, shared=True):
        assert (tmp_path / FILE).exists()


def test_of_several_rasas_that_start_together_one_trains_at_a_time(tmp_path):
    inside, most = [], []

    def train() -> None:
        with only_trainer(tmp_path / "var"):
            inside.append(True)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=train) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 5
