"""The articles' folder goes away for a moment: everything serves on, it is said, and it comes back by itself."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from kb.sources import watch
from kb.sources.drafting import NewArticle
from kb.sources.editing import NotWritten
from tests.scratch_articles import write
from tests.waiting import wait_until

EVERY = [("account/password", "en"), ("delivery/cost", "en"), ("orders/return", "en"), ("orders/return", "sl"),
         ("payment/methods", "en")]  # fmt: skip


def served(kb) -> list[tuple[str, str]]:
    return [(article.id, article.language) for article in kb.articles()]


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def renamed(folder: Path, monkeypatch) -> None:
    folder.rename(folder.with_name("aside"))


def unmounted(folder: Path, monkeypatch) -> None:
    """What is left of a share is the empty folder it was mounted on."""
    renamed(folder, monkeypatch)
    folder.mkdir()


def emptied(folder: Path, monkeypatch) -> None:
    """The folders are there, and no file in them."""
    shutil.copytree(folder, folder.with_name("aside"))
    for path in folder.rglob("*.md"):
        path.unlink()


def a_file(folder: Path, monkeypatch) -> None:
    renamed(folder, monkeypatch)
    folder.write_text("not now", "utf-8")


def a_link_to_nothing(folder: Path, monkeypatch) -> None:
    renamed(folder, monkeypatch)
    folder.symlink_to(folder.with_name("nowhere"))


def another_disk(folder: Path, monkeypatch) -> None:
    """Something else is mounted there: files, but none of ours."""
    unmounted(folder, monkeypatch)
    (folder / "lost+found").mkdir()
    (folder / "readme.txt").write_text("hello", "utf-8")


def failing(number: int, below: str = ""):
    """Lists nothing at `below` any more, as a stale share or one without rights does."""

    def fail(folder: Path, monkeypatch) -> None:
        real = os.scandir

        def scandir(path="."):
            if str(path).startswith(str(folder / below)):
                raise OSError(number, os.strerror(number), str(path))
            return real(path)

        monkeypatch.setattr(os, "scandir", scandir)

    fail.__name__ = f"{errno.errorcode[number]} {below}"
    return fail


def language_unmounted(folder: Path, monkeypatch) -> None:
    shutil.copytree(folder, folder.with_name("aside"))
    shutil.rmtree(folder / "sl")
    (folder / "sl").mkdir()


def language_linked_to_nothing(folder: Path, monkeypatch) -> None:
    shutil.copytree(folder, folder.with_name("aside"))
    shutil.rmtree(folder / "sl")
    (folder / "sl").symlink_to(folder.with_name("nowhere"))


WAYS = [renamed, unmounted, emptied, a_file, a_link_to_nothing, another_disk, failing(errno.EACCES),
        failing(errno.EIO), failing(errno.ESTALE), failing(errno.ENOTCONN), failing(errno.EMFILE),
        failing(errno.EACCES, "sl"), failing(errno.EIO, "en"), language_unmounted,
        language_linked_to_nothing]  # fmt: skip


def bring_back(folder: Path) -> None:
    aside = folder.with_name("aside")
    if aside.exists():
        shutil.rmtree(folder) if folder.is_dir() and not folder.is_symlink() else folder.unlink(missing_ok=True)
        aside.rename(folder)


@pytest.mark.slow
@pytest.mark.parametrize("go_away", WAYS)
def test_what_was_read_last_serves_and_is_kept(kb, folder, encoder, tmp_path, monkeypatch, go_away):
    assert kb.search("return boots", "en")  # embedded from here on
    index, embedded, edition = files_in(tmp_path / "index"), encoder.encoded, kb.edition
    with monkeypatch.context() as patched:
        go_away(folder, patched)
        kb.refresh()
        assert served(kb) == EVERY and kb.search("return boots", "en")[0].article == "orders/return"
        assert kb.away and any("serve as they were read last" in problem.reason for problem in kb.problems)
        assert files_in(tmp_path / "index") == index
    bring_back(folder)
    kb.refresh()
    assert (served(kb), kb.away, kb.problems) == (EVERY, "", [])
    assert (encoder.encoded, kb.edition) == (embedded, edition)


@pytest.mark.slow
@pytest.mark.parametrize("go_away", WAYS)
def test_a_start_while_it_is_away_serves_what_was_kept(kb, open_kb, folder, encoder, tmp_path, monkeypatch, go_away):
    index, embedded = files_in(tmp_path / "index"), encoder.encoded
    with monkeypatch.context() as patched:
        go_away(folder, patched)
        again = open_kb()
        assert served(again) == EVERY and again.away and again.edition == kb.edition
        assert (files_in(tmp_path / "index"), encoder.encoded) == (index, embedded)
    bring_back(folder)
    again.refresh()
    assert (served(again), again.away, encoder.encoded) == (EVERY, "", embedded)


def test_a_start_without_the_folder_and_without_anything_kept_says_so(folder, open_kb):
    renamed(folder, None)
    kb = open_kb()
    assert served(kb) == [] and kb.away == "the articles' folder is not there; no article is served"


def test_what_an_editor_takes_away_is_gone_also_while_nothing_ran(kb, open_kb, folder, tmp_path):
    (folder / "sl/orders/return.md").unlink()
    kb.refresh()
    assert ("orders/return", "sl") not in served(kb) and not kb.away
    (folder / "en/account/password.md").unlink()
    again = open_kb()
    assert ("account/password", "en") not in served(again) and not again.away
    assert not (tmp_path / "index/last_good/en/account/password.md").exists()


def test_a_language_whose_folder_was_removed_is_gone(kb, folder):
    shutil.rmtree(folder / "sl")
    kb.refresh()
    assert ("orders/return", "sl") not in served(kb) and not kb.away


def test_nothing_is_written_where_a_share_is_to_be_mounted(kb, folder):
    unmounted(folder, None)
    kb.refresh()
    with pytest.raises(NotWritten, match="the articles' folder has no articles any more"):
        kb.write_article(NewArticle("en", "orders", "lost", "Lost", ("where is it",), "We look for it."))
    assert list(folder.iterdir()) == []


def test_a_broken_file_and_a_folder_away_go_together(kb, folder):
    (folder / "en/delivery/cost.md").write_text("broken", "utf-8")
    kb.refresh()
    unmounted(folder, None)
    kb.refresh()
    assert served(kb) == EVERY
    bring_back(folder)
    kb.refresh()
    assert served(kb) == EVERY and [problem.path for problem in kb.problems] == ["en/delivery/cost.md"]


def test_what_went_and_came_back_while_it_was_read_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)

    class Reader:
        folder, away, refreshed = tmp_path, "", 0

        def refresh(self) -> bool:
            self.refreshed += 1
            self.away = "the folder is not there" if self.refreshed == 1 else ""  # though it is, before and after
            return False

    reader = Reader()
    watcher = watch.Watcher(reader)
    for _ in range(3):
        watcher._look()
    assert reader.refreshed == 2 and not reader.away


@pytest.mark.slow
@pytest.mark.parametrize("go_away", [renamed, unmounted, a_link_to_nothing, language_unmounted])
def test_the_watcher_outlives_it_and_notices_the_return(kb, folder, monkeypatch, go_away):
    watcher = kb.watch()
    try:
        wait_until(lambda: watcher._seen)
        go_away(folder, monkeypatch)
        wait_until(lambda: kb.away, 15)
        assert served(kb) == EVERY
        bring_back(folder)
        wait_until(lambda: not kb.away, 15)
        write(folder, "en/shops/hours", "Opening hours", ["when are you open"], "From 9 to 19.")
        wait_until(lambda: kb.article("shops/hours", "en"), 15)
    finally:
        watcher.stop()


@pytest.mark.slow
def test_a_watcher_that_begins_without_the_folder_finds_it_later(folder, open_kb):
    renamed(folder, None)
    kb = open_kb()
    watcher = kb.watch()
    try:
        bring_back(folder)
        wait_until(lambda: served(kb) == EVERY, 15)
    finally:
        watcher.stop()


@pytest.mark.slow
def test_a_watcher_goes_on_where_nothing_tells_of_changes(kb, folder, monkeypatch):
    """No more open files, or watches: it looks by itself."""

    def fail(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("kb.sources.watch.watch", fail)
    monkeypatch.setattr("kb.sources.watch.LOOK_SECONDS", 0.1)
    watcher = kb.watch()
    try:
        write(folder, "en/shops/hours", "Opening hours", ["when are you open"], "From 9 to 19.")
        wait_until(lambda: kb.article("shops/hours", "en"), 15)
    finally:
        watcher.stop()
