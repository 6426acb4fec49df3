"""A PostgreSQL server of the tests' own, from Debian's package: in a new folder, on a socket there, and gone with them.

Its databases sort as people do (ICU), which is the most different from SQLite that a server can be set to.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER, PASSWORD = "odziv", "c0rrect/horse@battery"
EMPTY = "empty"  # migrated, and without rows; nobody connects to it, so that it can be copied
OLDEST = 15
# What is lost in a power cut is lost with the tests too.
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=120", "shared_buffers=32MB")
# The user who has a password has to say it; the others are let in.
RULES = "local all guarded scram-sha-256\nlocal all all trust\n"


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None where none is new enough."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if which := shutil.which("postgres"):
        found.append(Path(which).resolve().parent)
    versions = {_version(folder): folder for folder in found if _version(folder) >= OLDEST}
    return versions[max(versions)] if versions else None


def _version(folder: Path) -> int:
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.split()[2].partition(".")[0])


class PostgreSQLServer:
    """One that runs. `url()` is the address of one of its databases."""

    def __init__(
        self,
        folder: Path,
        programs: Path,
        as_account: dict[str, Any] | None = None,
        settings: tuple[str, ...] = SETTINGS,
    ) -> None:
        self.folder, self.programs, self._as_account = folder, programs, as_account or {}
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begins to serve the folder's data, and waits until it answers; ends should this process be killed."""
        settings = [part for setting in self._settings for part in ("-c", setting)]
        serve = ["setpriv", "--pdeathsig", "QUIT", self.programs / "postgres", "-D", self.folder / "data"]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [*serve, "-k", self.folder, *settings], cwd=self.folder, stdout=log, stderr=log, **self._as_account
            )
        _wait_for(self, self._process)

    @property
    def pid(self) -> int:
        """The first of its processes."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Ends at once, as when it falls over: what was committed is there at the next start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def url(self, database: str, *, user: str = USER, password: str | None = None) -> str:
        """As `database_url` has it."""
        from urllib.parse import quote

        who = user if password is None else f"{user}:{quote(password, safe='')}"
        return f"postgresql://{who}@/{database}?host={quote(str(self.folder), safe='')}"

    def run(self, *statements: str, database: str = "postgres", user: str = USER) -> list[tuple]:
        """Runs statements as somebody at a prompt would; returns the rows of the last one."""
        import psycopg

        with psycopg.connect(host=str(self.folder), dbname=database, user=user, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create(self, database: str, template: str = EMPTY) -> str:
        """Makes a database; returns its address."""
        self.run(f"CREATE DATABASE {database} TEMPLATE {template}")
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@contextmanager
def running_server(programs: Path, settings: tuple[str, ...] = SETTINGS) -> Iterator[PostgreSQLServer]:
    """Starts a server; it ends with this, and should this process be killed, with that."""
    folder = Path(tempfile.mkdtemp(prefix="odziv-postgresql-"))
    try:
        account = _account()
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        data = folder / "data"
        make = [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync", "--encoding=UTF8"]
        make += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        subprocess.run(make, cwd=folder, check=True, capture_output=True, **as_account)
        (data / "pg_hba.conf").write_text(RULES)
        server = PostgreSQLServer(folder, programs, as_account, settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """0 where there is one to start."""
    if find_programs() is not None:
        return 0
    print(f"PostgreSQL {OLDEST} or newer is missing; on Debian: apt-get install postgresql")
    return 1


def _account() -> pwd.struct_passwd | None:
    """Whom it runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _wait_for(server: PostgreSQLServer, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(600):
        try:
            server.run("SELECT 1")
            return
        except psycopg.OperationalError:
            assert process.poll() is None, (server.folder / "log").read_text()
            time.sleep(0.05)
    raise TimeoutError((server.folder / "log").read_text())


if __name__ == "__main__":
    sys.exit(main())
