"""The product with limits in Redis and attachments in S3: while either is away, customers are served all the same."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import yaml
from moto.server import ThreadedMotoServer

from odziv.settings import load_settings
from odziv.store.files_s3 import S3Files
from tests.files import picture
from tests.shared.own_redis import OwnRedis, running_redis
from tests.waiting import wait_until
from tests.whole.conftest import Served, lifted_limits, start
from tests.whole.test_path import QUESTIONS, Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder, pytest.mark.redis]
QUESTION, ARTICLE = QUESTIONS["sl"]
PASSWORD, SECRET = "s3cret-of-redis", "s3cret-of-the-store"


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with running_redis(password=PASSWORD) as server:
        yield server


@pytest.fixture
def var(served: Served, tmp_path: Path) -> Path:
    """A data folder with what was trained and embedded already."""
    for part in ("index", "rasa"):
        shutil.copytree(served.var / part, tmp_path / "var" / part, ignore=shutil.ignore_patterns("tracker.db*"))
    return tmp_path / "var"


@pytest.fixture
def config(var: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings with a bucket of moto's server."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    document = yaml.safe_load(lifted_limits(var).read_text("utf-8"))
    endpoint = "http://{}:{}".format(*moto.get_host_and_port())
    document["odziv"] |= {"attachments": "s3://of-odziv/a", "s3": {"endpoint": endpoint, "key_id": "AKID"}}
    document["odziv"]["s3"]["path_style"] = True
    path = var.parent / "settings.yml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    monkeypatch.setenv("ODZIV_S3_SECRET", SECRET)
    S3Files(var / "attachments", load_settings(path))._client.create_bucket(Bucket="of-odziv")
    yield path
    moto.stop()


@pytest.fixture
def product(var: Path, config: Path, redis: OwnRedis) -> Iterator[Served]:
    product = start(var, ODZIV_REDIS_URL=redis.url, ODZIV_CONFIG=str(config), ODZIV_S3_SECRET=SECRET)
    yield product
    product.process.send_signal(signal.SIGTERM)
    status = product.process.wait(60)
    product.follower.join(10)
    assert status == 0, "".join(product.printed)


def parts(product: Served) -> tuple[str, str, str]:
    """Of health: the whole, Redis, and attachments."""
    told = httpx.get(f"{product.url}/health").json()
    return told["status"], told["parts"]["redis"].partition(":")[0], told["parts"]["attachments"]


def ask_with_picture(product: Served) -> None:
    """A customer's question is answered, and their picture comes back."""
    with closing(Visitor(product.url, "sl")) as visitor:
        answer = visitor.reaction(visitor.say(QUESTION)["seq"])
        assert (answer["sender"], answer["answer"]["article"]) == ("bot", ARTICLE)
        sent = visitor.http.post(f"/conversations/{visitor.id}/attachments", files={"file": ("šotor.png", picture())})
        assert sent.status_code == 201, sent.text
        file = sent.json()["attachment"]
        body = {"client_id": "with-a-picture", "text": "", "attachments": [file["id"]]}
        assert visitor.http.post(f"/conversations/{visitor.id}/messages", json=body).status_code == 201
        assert visitor.http.get(file["url"].removeprefix("/api/v1")).headers["Content-Type"] == "image/png"


def test_customers_are_served_with_redis_without_it_and_with_it_again(product: Served, redis: OwnRedis, var: Path):
    wait_until(lambda: parts(product) == ("ok", "ok", "ok"))
    ask_with_picture(product)
    assert redis.client.keys("odziv:*") != []
    redis.kill()
    ask_with_picture(product)
    wait_until(lambda: parts(product) == ("degraded", "away", "ok"))
    redis.start()
    wait_until(lambda: parts(product) == ("ok", "ok", "ok"))
    ask_with_picture(product)
    assert [path.name for path in (var / "attachments").iterdir()] == []
    told = [*product.printed, *(path.read_text("utf-8") for path in (var / "logs").glob("*.log"))]
    assert not [each for each in told if PASSWORD in each or SECRET in each]


def test_what_was_asked_is_kept_for_the_next_start(product: Served, var: Path):
    with closing(Visitor(product.url, "sl")) as visitor:
        visitor.reaction(visitor.say(QUESTION)["seq"])
    product.process.send_signal(signal.SIGTERM)
    assert product.process.wait(60) == 0
    with closing(sqlite3.connect(var / "odziv.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM question_scores WHERE language = 'sl'").fetchone()[0] >= 1
