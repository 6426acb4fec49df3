"""The databases of every version, made once: of SQLite, and of PostgreSQL where it is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odziv.store import Store
from tests.store.upgrades.lived import Lived, LivedInFiles, LivedOnServer


@pytest.fixture(scope="session")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> LivedInFiles:
    return LivedInFiles(tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="session")
def on_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LivedOnServer:
    return LivedOnServer(request.getfixturevalue("postgresql"), tmp_path_factory.mktemp("lived"))


@pytest.fixture
def lived(request: pytest.FixtureRequest) -> Lived:
    """Of the database that a test is parametrised with: "in_files" or "on_server"."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    """Stores that are closed in the end."""
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()
