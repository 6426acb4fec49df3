"""An installation whose attachments are in a bucket of moto's server, and one whose store fails on demand."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import botocore.session
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from odziv.settings import Settings
from odziv.settings.attachments import S3Settings
from odziv.store import Store, files_s3
from odziv.store.files_s3 import S3Files
from odziv.wiring import build_services
from server import create_app
from tests.attachments.cut_store import CutStore
from tests.fakes import FakeBot, FakeKnowledge

BUCKET, PLACE = "files-of-odziv", "s3://files-of-odziv/shop/attachments"


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of a store that speaks S3, without anything in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def set_up(settings: Settings, endpoint: str) -> Settings:
    """The same with attachments there."""
    s3 = S3Settings(endpoint=endpoint, region="eu-central-1", path_style=True, key_id="AKIDODZIV")
    return settings.model_copy(update={"attachments": PLACE, "s3": s3})


@pytest.fixture(scope="session", autouse=True)
def descriptions_read_once() -> Iterator[None]:
    """What S3 can be asked is read by one session, and not for each test: a quarter of a second."""
    session = botocore.session.get_session()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "get_session", lambda: session)
        yield


@pytest.fixture(autouse=True)
def impatient(monkeypatch) -> None:
    monkeypatch.setenv("ODZIV_S3_SECRET", "s3cret-of-the-store")
    monkeypatch.setattr(files_s3, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(files_s3, "TRIES", 1)


@pytest.fixture
def in_s3(settings: Settings, moto: str, monkeypatch) -> Settings:
    """Settings with an empty bucket, of a store that may be slow as this machine is."""
    monkeypatch.setattr(files_s3, "ANSWER_SECONDS", 20)
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST")).close()
    changed = set_up(settings, moto)
    where = {"LocationConstraint": "eu-central-1"}
    S3Files(settings.var / "other", changed)._client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return changed


@pytest.fixture
def files(store: Store, in_s3: Settings) -> S3Files:
    """Those of the store."""
    files = S3Files(in_s3.var / "attachments", in_s3)
    store.files = files
    return files


@pytest.fixture
def bucket(files: S3Files):
    """What lies in the bucket, by key."""

    def bucket() -> dict[str, bytes]:
        client = files._client
        listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {each["Key"]: client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed}

    return bucket


@pytest.fixture
def cut_store() -> Iterator[CutStore]:
    server = CutStore()
    yield server
    server.close()


@pytest.fixture
def cut_files(settings: Settings, cut_store: CutStore) -> S3Files:
    """Files in a store that fails as `cut_store` is told to."""
    return S3Files(settings.var / "attachments", set_up(settings, cut_store.url))


@pytest.fixture
def services(in_s3: Settings, store: Store, files: S3Files):
    return build_services(in_s3, store=store, bot=FakeBot(), knowledge=FakeKnowledge())


@pytest.fixture
def app(services) -> Flask:
    return create_app(services)
