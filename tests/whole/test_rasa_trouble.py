"""The real Rasa hangs, and a model that it can't load: customers are served meanwhile, and it comes back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import tarfile
import time
from pathlib import Path

import httpx
import pytest

from tests.whole.conftest import Served, start
from tests.whole.test_people import rasa_pid, wait_for_health

pytestmark = pytest.mark.rasa
LONGEST = 60  # seconds; 8 when the machine has nothing else to do (odziv/processes/child.py)


def say(served: Served, text: str) -> list[dict]:
    """Says it in a new conversation; returns the messages once there is a reaction."""
    api = f"{served.url}/api/v1/conversations"
    opened = httpx.post(api, json={"site": "demo", "language": "en"}).json()
    path, headers = f"{api}/{opened['conversation']['id']}", {"Authorization": f"Bearer {opened['token']}"}
    httpx.post(f"{path}/messages", json={"client_id": "c1", "text": text}, headers=headers).raise_for_status()
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        messages = httpx.get(f"{path}/messages", headers=headers).json()["messages"]
        if len(messages) > 1:
            return messages
        time.sleep(0.2)
    raise AssertionError("no reaction")


def test_a_rasa_that_hangs_is_started_again_and_a_person_is_fetched_meanwhile(served):
    wait_for_health(served, "ok")
    time.sleep(5)  # it was seen at work: one that has never answered is given minutes
    pid = rasa_pid(served)
    os.kill(pid, signal.SIGSTOP)
    stopped = time.monotonic()
    answer = httpx.get(f"{served.url}/health", timeout=20)
    assert (answer.status_code, answer.json()["parts"]["rasa"][:5]) == (503, "hangs")
    said = say(served, "I want to talk to a person")
    assert said[-1]["sender"] == "system" and said[-1]["text"].startswith("Of course. I'm passing you to a colleague")
    while Path(f"/proc/{pid}").exists() or not has_rasa(served):
        assert time.monotonic() - stopped < LONGEST, "it was not started again in time"
        time.sleep(0.1)
    wait_for_health(served, "ok")


def has_rasa(served: Served) -> bool:
    try:
        return bool(rasa_pid(served))
    except AssertionError:
        return False


@pytest.mark.slow
def test_a_model_that_rasa_cannot_load_gives_way_to_the_last_good_one(served, tmp_path):
    """Its file is what was trained, as far as its hash tells, and no model all the same."""
    var = tmp_path / "var"
    for part in ("index", "rasa/models"):
        shutil.copytree(served.var / part, var / part)
    shutil.copyfile(served.var / "rasa" / "vectors.npz", var / "rasa" / "vectors.npz")
    good = put_before(var / "rasa" / "models")
    served = start(var)
    try:
        assert any(f"trying the last good one, {good}" in line for line in served.printed)
        wait_for_health(served, "ok")
    finally:
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(60)


def put_before(models: Path) -> str:
    """Makes a model that is none the newest, of the same parts; returns the name of the good one, now before it."""
    note = json.loads((models / "current.json").read_text())
    bad = models / "intents-000000000000.tar.gz"
    with tarfile.open(bad, "w:gz") as archive:
        member = tarfile.TarInfo("metadata.json")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"{}"))
    digest = hashlib.sha256(bad.read_bytes()).hexdigest()
    newest = {"fingerprint": note["fingerprint"], "model": bad.name, "sha256": digest, "earlier": [note]}
    (models / "current.json").write_text(json.dumps(newest))
    return note["model"]
