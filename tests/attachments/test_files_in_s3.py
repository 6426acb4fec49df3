"""Files in a store that speaks S3: whole or not there, gone when they are to go, never a reason to wait for long."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack

import pytest

from odziv.store import files_s3
from odziv.store.files import GONE, FilesAway
from odziv.store.files_s3 import FilesWatch, S3Files
from tests.attachments import cut_store as ways
from tests.attachments.conftest import BUCKET, PLACE, set_up

HOUR_MS = 3_600_000


def read(files: S3Files, file_id: str) -> bytes | None:
    with files.at_hand(file_id) as path:
        return path.read_bytes() if path.is_file() else None


def in_folder(files: S3Files) -> list[str]:
    return sorted(os.listdir(files.folder)) if files.folder.exists() else []


def now() -> int:
    """The disk's time, on whatever day the tests are."""
    with tempfile.NamedTemporaryFile() as file:
        return os.stat(file.name).st_mtime_ns // 1_000_000


@pytest.mark.parametrize("count", [0, 1, 10_000_000])
def test_a_file_comes_back_as_it_was_and_leaves_nothing_here(files, bucket, count):
    data = os.urandom(count)
    file_id = files.save(data)
    files.settle([file_id])
    assert read(files, file_id) == data and in_folder(files) == []
    assert bucket() == {f"shop/attachments/{file_id}": data}


def test_a_file_that_is_read_stays_whole_when_it_is_deleted_meanwhile(files):
    file_id = files.save(b"still here")
    with ExitStack() as stack:
        with files.at_hand(file_id) as path:
            opened = stack.enter_context(open(path, "rb"))
            files.remove([file_id])
        assert opened.read() == b"still here"
    assert read(files, file_id) is None


@pytest.mark.parametrize(
    "name",
    ["", "../x", "..", "/etc/passwd", "shop", "a" * 31, "A" * 32, "a" * 32 + "/..", "a" * 32 + "\n", "é" * 32, "%2e"],
)
def test_what_is_no_id_is_no_key_either(files, bucket, name):
    for use in (lambda: read(files, name), lambda: files.remove([name]), lambda: files.take_over(name)):
        with pytest.raises(ValueError, match="not the id of a file"):
            use()
    assert bucket() == {}


def test_a_file_of_nobody_is_not_there(files):
    assert read(files, "0" * 32) is None and files.trouble is None
    files.remove(["0" * 32])


def test_only_ours_are_found_where_others_keep_theirs(files):
    mine, known = files.save(b"1"), files.save(b"2")
    files.settle([mine, known])
    for key in ("shop/attachments/readme.txt", "shop/" + "b" * 32, "c" * 32, "shop/attachments/x/" + "d" * 32):
        files._client.put_object(Bucket=BUCKET, Key=key, Body=b"another's")
    files.look()  # leaves a probe
    assert files.list_unknown({known}) == [mine]


def test_more_than_one_page_is_listed(files, monkeypatch):
    names = [f"{number:032x}" for number in range(5)]
    for name in names:
        files._client.put_object(Bucket=BUCKET, Key=f"shop/attachments/{name}", Body=b"")
    list_some = files._client.list_objects_v2
    monkeypatch.setattr(files._client, "list_objects_v2", lambda **asked: list_some(**asked, MaxKeys=2))
    assert files.list_unknown(set()) == names


def test_what_a_killed_process_left_half_done_is_finished(files, bucket):
    _unsettled, kept, condemned = (files.save(name) for name in (b"unsettled", b"kept", b"condemned"))
    files.settle([kept, condemned])
    files.condemn([condemned])
    assert files.sweep({kept}, before=now() - HOUR_MS) == 1
    assert list(bucket().values()).count(b"condemned") == 0 and len(bucket()) == 2
    assert files.sweep({kept}, before=now() + HOUR_MS) == 1
    assert bucket() == {f"shop/attachments/{kept}": b"kept"} and in_folder(files) == []


def test_what_could_not_be_removed_goes_when_the_store_is_back(files, bucket):
    file_id = files.save(b"to go")
    files.settle([file_id])
    files._note("away")
    files.remove([file_id, "0" * 32])
    assert in_folder(files) == sorted([f".{file_id}{GONE}", f".{'0' * 32}{GONE}"])
    assert files.sweep(set(), now()) == 0 and len(files.list_condemned()) == 2
    files.look()
    assert files.trouble is None and files.sweep(set(), now()) == 2
    assert list(bucket()) == ["shop/attachments/probe"] and in_folder(files) == []


def test_files_from_before_are_read_and_moved(files, bucket):
    files.folder.mkdir(parents=True)
    old, gone = "1" * 32, "2" * 32
    (files.folder / old).write_bytes(b"from before")
    assert files.list_in_folder() == [old] and read(files, old) == b"from before"
    assert files.list_unknown(set()) == [old]
    files.take_over(old)
    files.take_over(gone)
    assert files.list_in_folder() == [] and read(files, old) == b"from before"
    assert list(bucket()) == [f"shop/attachments/{old}"]


def test_a_file_from_before_is_deleted_wherever_it_is(files, bucket):
    files.folder.mkdir(parents=True)
    old = "1" * 32
    (files.folder / old).write_bytes(b"from before")
    files._client.put_object(Bucket=BUCKET, Key=f"shop/attachments/{old}", Body=b"moved just now")
    files.remove([old])
    assert bucket() == {} and in_folder(files) == []


def test_what_is_deleted_while_it_is_moved_is_deleted(files, bucket, monkeypatch):
    files.folder.mkdir(parents=True)
    old = "1" * 32
    (files.folder / old).write_bytes(b"from before")
    put = files._put

    def put_late(client, file_id, data) -> None:
        files.remove([old])
        put(client, file_id, data)

    monkeypatch.setattr(files, "_put", put_late)
    files.take_over(old)
    assert bucket() == {}


def test_a_larger_one_than_any_of_ours_is_not_read(files, monkeypatch):
    file_id = files.save(b"x" * 1000)
    monkeypatch.setattr(files_s3, "LARGEST_BYTES", 999)
    assert read(files, file_id) is None


AWAY = [ways.cuts, ways.sends_half, ways.talks_nonsense, ways.says_nothing, ways.refuses, ways.is_busy]


@pytest.mark.parametrize("way", AWAY)
def test_a_store_that_fails_is_away_for_all_after_one_try(cut_files, cut_store, way):
    cut_store.behaviour = way
    with pytest.raises(FilesAway) as told:
        read(cut_files, "0" * 32)
    assert cut_store.requests == 1
    for _ in range(5):
        with pytest.raises(FilesAway):
            cut_files.save(b"x")
        with pytest.raises(FilesAway):
            read(cut_files, "0" * 32)
    assert cut_store.requests == 1 and cut_files.trouble == str(told.value)
    for secret in ("AKID", "s3cret", "127.0.0.1", "0" * 32):
        assert secret not in str(told.value)


@pytest.mark.parametrize("way", [ways.cuts, ways.talks_nonsense, ways.says_nothing, ways.refuses, ways.is_busy])
def test_what_could_not_be_written_is_swept(cut_files, cut_store, way):
    cut_store.behaviour = way
    with pytest.raises(FilesAway):
        cut_files.save(b"x" * 300_000)
    [mark] = in_folder(cut_files)
    assert cut_files.sweep(set(), now() + HOUR_MS) == 0  # it may have arrived after all: it is not forgotten
    assert in_folder(cut_files) == sorted([mark, f"{mark}{GONE}"])


def test_the_refusal_is_named(cut_files, cut_store):
    cut_store.behaviour = ways.refuses
    cut_files.look()
    assert cut_files.trouble == "the store of attachments says AccessDenied"


def test_a_bucket_that_is_not_there_is_named(in_s3, files):
    missing = S3Files(files.folder, in_s3.model_copy(update={"attachments": "s3://no-such-bucket"}))
    missing.look()
    assert missing.trouble == "the store of attachments says NoSuchBucket"
    assert missing.name == "s3://no-such-bucket" and files.name == PLACE


def test_without_a_secret_it_is_away_and_says_so(in_s3, files, monkeypatch):
    monkeypatch.delenv("ODZIV_S3_SECRET")
    other = S3Files(files.folder, in_s3)
    other.look()
    assert "ODZIV_S3_SECRET" in other.trouble
    monkeypatch.setenv("ODZIV_S3_SECRET", "there")
    other.look()
    assert other.trouble is None


def test_the_secret_comes_from_a_file_too(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("ODZIV_S3_SECRET")
    (tmp_path / "secret").write_text("from a file\n")
    s3 = set_up(settings, "https://s3.example").s3.model_copy(update={"secret_file": str(tmp_path / "secret")})
    assert s3.secret({}) == "from a file" and s3.secret({"ODZIV_S3_SECRET": "first"}) == "first"
    with pytest.raises(ValueError, match="can't be read"):
        s3.model_copy(update={"secret_file": str(tmp_path / "none")}).secret({})


def test_the_watch_looks_at_the_start_and_then_only_while_it_is_away(cut_files, cut_store):
    cut_store.behaviour = ways.cuts
    watch = FilesWatch(cut_files)
    watch._run_once()
    watch._run_once()
    assert cut_store.requests == 2 and cut_files.trouble is not None
    cut_files._note(None)
    watch._run_once()
    assert cut_store.requests == 2
