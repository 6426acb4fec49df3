"""An upgrade that is killed leaves the old state or the new, whole; the next start finishes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from odziv.store import Store
from odziv.store.migrate import migrate
from tests.store.upgrades.killed import MOMENTS
from tests.store.upgrades.lived import ON_POSTGRESQL, REVISIONS, Lived, only_columns_of, read_rows, version_of

HEAD = REVISIONS[-1]


@pytest.mark.parametrize(
    ("lived", "revisions"),
    [
        pytest.param("in_files", REVISIONS[:1]),
        pytest.param("in_files", REVISIONS[1:-1], marks=pytest.mark.slow),
        pytest.param("on_server", ON_POSTGRESQL[:-1], marks=pytest.mark.postgresql),
    ],
    indirect=["lived"],
    ids=["oldest", "each", "on-postgresql"],
)
def test_old_or_new_never_between(lived: Lived, revisions: list[str]):
    cases = [(lived.copy(revision), moment, revision) for revision in revisions for moment in MOMENTS]
    before = {url: read_rows(url) for url, _, _ in cases}
    kill_upgrades([(url, moment) for url, moment, _ in cases])
    for url, moment, revision in cases:
        found = read_whole(url)
        assert version_of(url) == (HEAD if moment == "committed" else revision), (revision, moment)
        assert (found if moment != "committed" else only_columns_of(before[url], found)) == before[url]
        finish(url)
        assert version_of(url) == HEAD
        assert only_columns_of(before[url], read_rows(url)) == before[url], (revision, moment)


def kill_upgrades(cases: list[tuple[str, str]]) -> None:
    program = [sys.executable, "-m", "tests.store.upgrades.killed"]
    ended = subprocess.run(program, input=json.dumps(cases), text=True, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr


def read_whole(url: str) -> dict:
    """What is there once the store was opened, as a start does."""
    Store(url, files=Path("nowhere")).close()
    return read_rows(url)


def finish(url: str) -> None:
    store = Store(url, files=Path("nowhere"))
    migrate(store)
    store.close()
