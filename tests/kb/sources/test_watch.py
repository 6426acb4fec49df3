import time

import pytest

from tests.scratch_articles import write


def wait_until(condition, seconds=5.0) -> float:
    """Return how long it took until the condition held."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - start


@pytest.mark.slow
def test_saving_removing_and_breaking_a_file_are_noticed(kb, folder):
    watcher = kb.watch()
    try:
        time.sleep(0.3)
        path = write(folder, "en/shops/hours", "Opening hours", ["when are you open"], "From 9 to 19.")
        wait_until(lambda: kb.article("shops/hours", "en"))
        path.write_text("broken", "utf-8")
        wait_until(lambda: kb.problems)
        assert kb.article("shops/hours", "en")
        path.unlink()
        wait_until(lambda: not kb.article("shops/hours", "en") and not kb.problems)
    finally:
        watcher.stop()


@pytest.mark.slow
def test_a_failing_refresh_does_not_end_the_watch(kb, folder, monkeypatch):
    good = kb.refresh
    monkeypatch.setattr(kb, "refresh", lambda: (_ for _ in ()).throw(RuntimeError("no")))
    watcher = kb.watch()
    try:
        time.sleep(0.3)
        write(folder, "en/a/one", "One", ["first"])
        time.sleep(0.3)
        monkeypatch.setattr(kb, "refresh", good)
        write(folder, "en/a/two", "Two", ["second"])
        wait_until(lambda: kb.article("a/two", "en"))
    finally:
        watcher.stop()


@pytest.mark.slow
def test_an_accepted_phrasing_is_noticed(kb):
    watcher = kb.watch()
    try:
        time.sleep(0.3)
        kb.add_phrasing("delivery/cost", "en", "porto: how much?")
        wait_until(lambda: "porto: how much?" in kb.article("delivery/cost", "en").questions, 20)
    finally:
        watcher.stop()
