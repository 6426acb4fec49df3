"""Fixtures with PostgreSQL: the tests' own server, and stores on it.

ODZIV_TEST_DATABASE=postgresql has the fixture `store` on it too, and so every test that takes one; those that are about
SQLite's file are marked `sqlite` and left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.migrate import migrate
from odziv.store.schema import metadata
from odziv.store.search.index_postgresql import TABLES
from tests.postgresql.server import EMPTY, PostgreSQLServer, find_programs, running_server

ON_POSTGRESQL = os.environ.get("ODZIV_TEST_DATABASE") == "postgresql"
SHARED = "shared"  # the database of one test after the other


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A server with an empty database of this version to be copied, and one that tests share."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql")
    with running_server(programs) as server:
        server.run(f"CREATE DATABASE {EMPTY}")
        store = Store(server.url(EMPTY), files=Path(os.devnull))
        migrate(store)
        store.close()
        server.create(SHARED)
        yield server


@pytest.fixture(scope="session")
def emptied(postgresql: PostgreSQLServer) -> str:
    """Statements that leave the shared database without rows, and its numbers where they began."""
    tables = [*(table.name for table in reversed(metadata.sorted_tables)), *TABLES]
    numbers = postgresql.run(
        "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'", database=SHARED
    )
    return "; ".join(
        [
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND"
            " pid <> pg_backend_pid() AND backend_type = 'client backend'",
            *(f"DELETE FROM {table}" for table in tables),
            *(f"SELECT setval('{sequence}', 1, false)" for (sequence,) in numbers),
        ]
    )


@pytest.fixture
def on_postgresql(postgresql: PostgreSQLServer, emptied: str, settings: Settings) -> Store:
    """A store on the shared database, without rows; `store` closes it."""
    postgresql.run(emptied, database=SHARED)
    return Store(postgresql.url(SHARED), files=settings.var / "attachments")


@pytest.fixture
def postgresql_store(on_postgresql: Store) -> Iterator[Store]:
    """The same whatever `store` is, for tests about PostgreSQL itself."""
    yield on_postgresql
    on_postgresql.close()
