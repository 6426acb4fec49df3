"""An installation whose attachments are in S3 does what one with a folder does; while S3 is away, words go on."""

from __future__ import annotations

import json
import os
import threading
import zipfile

import pytest
from click.testing import Result
from prometheus_client.parser import text_string_to_metric_families

from odziv.cases.customer_data.erasing import Erasures, NotErased, erase_customer
from odziv.cases.customer_data.exporting import export_customer
from odziv.cases.customer_data.files import ExportFailed
from odziv.cases.customer_data.whose import Who, find_customer
from odziv.cases.forgetting import delete_for_good
from odziv.cases.retention.deleting import RetentionRun
from odziv.mail.attachments import collect_attachments
from odziv.settings import BadSetting, load_settings
from odziv.settings.retention import Retention
from odziv.store.backups.making import make_backup
from odziv.store.backups.restoring import restore_backup
from odziv.store.conversations.attachments import (
    UNSENT_MS,
    AttachmentUnknown,
    add_written,
    forget_attachments,
    list_unknown_files,
    remove_condemned,
    settled,
    sweep_attachments,
    write_file,
)
from odziv.store.conversations.messages import list_messages
from odziv.store.customers.erasures import list_erasures
from odziv.store.engine import DAY_MS
from odziv.store.files import FilesAway
from odziv.store.opening import open_store
from odziv.wiring import build_services
from server import create_app
from tests.attachments import cut_store as ways
from tests.fakes import FakeBot, FakeKnowledge
from tests.files import PDF, form, picture
from tests.fixtures import Visitor


def upload(visitor: Visitor, data: bytes = b"", name: str = "tent.png", type: str = "image/png"):
    return visitor.client.post(
        f"{visitor.path}/attachments", headers=visitor.headers, **form(data or picture(), name, type)
    )


def send(visitor: Visitor, data: bytes = b"", name: str = "tent.png", client_id: str = "c1") -> dict:
    file_id = upload(visitor, data, name).get_json()["attachment"]["id"]
    return visitor.say("Here", client_id, attachments=[file_id]).get_json()["message"]["attachments"][0]


def fetch(visitor: Visitor, url: str, **headers: str):
    return visitor.client.get(url, headers={**visitor.headers, **headers}, buffered=True)


def theirs(store, settings, visitor: Visitor):
    return find_customer(store, settings, Who(conversation_id=visitor.id))


@pytest.fixture
def away(files, cut_files, cut_store):
    """From now on the store goes away in the middle of whatever is asked; `back()` brings it back."""
    cut_store.behaviour = ways.sends_half
    whole = files._client

    def go_away() -> None:
        files.__dict__["_client"] = cut_files._client

    def back() -> None:
        files.__dict__["_client"] = whole
        files.look()

    go_away.back = back
    return go_away


def test_a_file_is_sent_and_fetched_as_ever(visitor, bucket, files):
    told = send(visitor, picture(size=(60, 40)), "šotor \"<b>&' 100 %.png")
    assert list(bucket()) == [f"shop/attachments/{told['id']}"] and os.listdir(files.folder) == []
    served = fetch(visitor, told["url"])
    assert served.data == next(iter(bucket().values())) and served.status_code == 200
    headers = {name: served.headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")}
    assert headers == {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert served.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert int(served.headers["Content-Length"]) == told["size"]
    assert fetch(visitor, told["url"], **{"If-None-Match": served.headers["ETag"]}).status_code == 304
    part = fetch(visitor, told["url"], Range="bytes=2-5")
    assert (part.status_code, part.data) == (206, served.data[2:6])


def test_no_answer_names_the_place_where_it_is(visitor):
    told = send(visitor, PDF, "račun.pdf")
    served = fetch(visitor, told["url"])
    everything = json.dumps(told) + str(served.headers) + str(visitor.messages())
    assert "s3" not in everything.lower() and "files-of-odziv" not in everything
    assert served.headers["Content-Disposition"].startswith("attachment")


def test_others_get_nothing(visitor, open_conversation):
    told = send(visitor)
    assert fetch(open_conversation(), told["url"]).status_code == 404
    assert visitor.client.get(told["url"]).status_code == 401
    assert fetch(visitor, f"{visitor.path}/attachments/..%2F..%2Fprobe").status_code == 404


def test_while_it_is_away_files_wait_and_words_do_not(visitor, away, files, run_turns):
    told = send(visitor)
    away()
    for _ in range(3):
        refused = upload(visitor)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (503, "busy")
        assert int(refused.headers["Retry-After"]) > 0 and "messages without them can" in refused.get_data(as_text=True)
        read = fetch(visitor, told["url"])
        assert (read.status_code, read.get_json()["error"]["code"]) == (503, "busy")
    assert visitor.say("Hello?", "c2").status_code == 201
    run_turns()
    assert [message["sender"] for message in visitor.messages()][-1] == "bot"
    away.back()
    assert fetch(visitor, told["url"]).status_code == 200 and upload(visitor).status_code == 201


def test_health_and_metrics_say_so(client, away, visitor):
    def told() -> tuple[str, str, float]:
        health = client.get("/health").get_json()
        families = text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
        [family] = [each for each in families if each.name == "odziv_attachments_up"]
        return health["parts"]["attachments"], health["status"], family.samples[0].value

    assert told()[::2] == ("ok", 1)
    away()
    upload(visitor)
    part, status, is_up = told()
    assert part.startswith("away: ") and "s3cret" not in part and (status, is_up) == ("degraded", 0)
    assert client.get("/health/ready").status_code == 200


def test_the_watch_is_among_the_threads(services):
    assert "files-watch" in [thread.name for thread in services.threads()]


def test_a_file_without_its_message_goes_again(store, visitor, bucket):
    row = write_file(store, PDF, name="a.pdf", type="application/pdf")
    with pytest.raises(AttachmentUnknown), settled(store, [row]), store.write() as connection:
        add_written(connection, visitor.id, [row])
        raise AttachmentUnknown
    assert bucket() == {}


def test_what_was_never_sent_goes_in_time(store, visitor, bucket):
    upload(visitor)
    store.clock.advance(UNSENT_MS + 1)
    assert sweep_attachments(store) == 1 and bucket() == {}


def test_deleting_a_conversation_deletes_its_files(store, settings, visitor, open_conversation, bucket, ana):
    send(visitor)
    kept = send(open_conversation())
    delete_for_good(store, settings, visitor.id, ana.id)
    assert list(bucket()) == [f"shop/attachments/{kept['id']}"] and list_unknown_files(store) == []


def test_an_erasure_is_done_when_the_files_are_gone(store, in_s3, visitor, away, bucket):
    send(visitor)
    away()
    with pytest.raises(NotErased, match="1 files in s3://files-of-odziv/shop/attachments can't be deleted"):
        erase_customer(store, in_s3, theirs(store, in_s3, visitor), None)
    assert list_erasures(store)[0].status == "waiting"
    away.back()
    store.clock.advance(120_000)
    Erasures(store, in_s3)._go_on()
    assert list_erasures(store)[0].status == "done" and list_erasures(store)[0].counts["files"] == 1
    assert list(bucket()) == ["shop/attachments/probe"]


def test_a_deletion_that_is_under_way_keeps_its_files_until_it_is_sure(store, visitor, bucket):
    send(visitor)
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        forget_attachments(store, connection, visitor.id)
        assert remove_condemned(store) == 0
        raise ZeroDivisionError
    assert len(bucket()) == 1 and fetch(visitor, visitor.messages()[0]["attachments"][0]["url"]).status_code == 200


@pytest.mark.parametrize("is_away", [False, True])
def test_retention_deletes_files_at_once_or_as_soon_as_it_can(store, in_s3, visitor, away, bucket, is_away):
    send(visitor)
    store.clock.advance(8 * DAY_MS)
    if is_away:
        away()
    keep = in_s3.model_copy(update={"retention": Retention(attachments=7)})
    assert dict(RetentionRun(store, keep, threading.Event(), pause=0).run()) == {"attachments": 1}
    if is_away:
        away.back()
        assert len(bucket()) == 2  # the file, and what showed that the store is back
        assert sweep_attachments(store) == 1
    assert set(bucket()) <= {"shop/attachments/probe"} and list_unknown_files(store) == []


def test_an_export_has_the_files_or_is_none(store, in_s3, visitor, away, tmp_path):
    told = send(visitor, PDF, "../../račun.pdf")
    customer = theirs(store, in_s3, visitor)
    export_customer(store, in_s3, customer, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as zip:
        [name] = [name for name in zip.namelist() if name.startswith("files/")]
        assert zip.read(name) == PDF and told["id"] in name
    away()
    with pytest.raises(ExportFailed):
        export_customer(store, in_s3, customer, tmp_path / "none.zip")
    assert sorted(os.listdir(tmp_path)) == ["all.zip", "var"]


def test_mails_take_files_along_or_wait(store, visitor, away):
    send(visitor, PDF, "račun.pdf")
    messages = list_messages(store, visitor.id)
    assert [data for _, data in collect_attachments(store, messages).files] == [PDF]
    away()
    with pytest.raises(OSError, match="the store of attachments"):
        collect_attachments(store, messages)


@pytest.mark.sqlite
def test_a_backup_says_what_it_does_not_hold(store, in_s3, visitor, tmp_path):
    send(visitor)
    (tmp_path / "config.yml").write_text("odziv:\n  sites: {demo: {name: Smreka}}\n")
    made = make_backup(store, in_s3, tmp_path / "odziv.zip", config=tmp_path / "config.yml")
    place = "s3://files-of-odziv/shop/attachments"
    assert f"1 attachments are in {place}, and not in it: back that up for itself" in made.remarks
    empty = in_s3.model_copy(update={"var": tmp_path / "new"})
    empty.var.mkdir()
    restored = restore_backup(empty, tmp_path / "odziv.zip")
    assert f"1 attachments are not in the backup, but in {place}: name it in `attachments`" in restored.remarks


@pytest.fixture
def run(app):
    def run(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=["attachments", *arguments])

    return run


def test_files_of_the_folder_are_moved_by_a_command(run, visitor, files, away, store):
    old = "1" * 32
    files.folder.mkdir(parents=True)
    (files.folder / old).write_bytes(PDF)
    away()
    refused = run("move")
    assert (
        refused.exit_code == 1 and "1 of 1 files are still in" in refused.output and "Traceback" not in refused.output
    )
    away.back()
    assert "1 files moved from" in run("move").output and files.list_in_folder() == []
    assert "0 files moved from" in run("move").output


def test_there_is_nothing_to_move_without_the_setting(settings, store):
    services = build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    told = create_app(services).test_cli_runner().invoke(args=["attachments", "move"])
    assert told.exit_code == 1 and "`attachments` in config.yml is empty" in told.output
    assert "attachments" not in create_app(services).test_client().get("/health").get_json()["parts"]


def test_the_database_is_opened_while_it_is_away(in_s3, cut_store):
    settings = in_s3.model_copy(
        update={"var": in_s3.var / "new", "s3": in_s3.s3.model_copy(update={"endpoint": cut_store.url})}
    )
    store = open_store(settings)
    with pytest.raises(FilesAway):
        store.files.save(b"x")
    assert cut_store.requests == 1
    store.close()


@pytest.mark.parametrize(
    ("values", "key", "hint"),
    [
        ({"attachments": "/var/files"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "s3://"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "s3://Bucket"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "s3://bucket/../other"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "s3://bucket//x"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "s3://bu..cket/x"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"attachments": "https://bucket.s3.example"}, "odziv.attachments", "s3://bucket/prefix"),
        ({"s3": {"endpoint": "s3.example"}}, "odziv.s3.endpoint", "https://s3.example.com"),
        ({"s3": {"endpoint": "https://s3.example/bucket"}}, "odziv.s3.endpoint", "scheme, host and port only"),
        ({"s3": {"endpoint": "https://a:b@s3.example"}}, "odziv.s3.endpoint", "scheme, host and port only"),
        ({"s3": {"endpoint": "https://s3.example:port"}}, "odziv.s3.endpoint", "scheme, host and port only"),
        ({"s3": {"region": "eu central"}}, "odziv.s3.region", "one word"),
        ({"s3": {"key_id": "a\nb"}}, "odziv.s3.key_id", "one word"),
        ({"s3": {"secret": "x"}}, "odziv.s3.secret", "not permitted"),
    ],
)
def test_a_bad_place_names_its_key_and_the_fix(tmp_path, values, key, hint):
    (tmp_path / "config.yml").write_text(json.dumps({"odziv": {"sites": {"demo": {"name": "x"}}, **values}}))
    with pytest.raises(BadSetting) as refused:
        load_settings(tmp_path / "config.yml", {})
    assert f"config.yml: {key}" in str(refused.value) and hint in str(refused.value)


def test_a_key_without_its_secret_stops_the_server_but_no_command(tmp_path):
    values = {"sites": {"demo": {"name": "x"}}, "attachments": "s3://bucket/a/", "s3": {"key_id": "AKID"}}
    (tmp_path / "config.yml").write_text(json.dumps({"odziv": values}))
    with pytest.raises(BadSetting, match="put it into ODZIV_S3_SECRET or name a secret_file"):
        load_settings(tmp_path / "config.yml", {})
    assert load_settings(tmp_path / "config.yml", {"ODZIV_S3_SECRET": "x"}).attachments == "s3://bucket/a"
    assert load_settings(tmp_path / "config.yml", {}, passwords=False).s3.key_id == "AKID"
