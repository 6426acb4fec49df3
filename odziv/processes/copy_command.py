"""`flask --app server db copy`: an installation goes on with PostgreSQL."""

from __future__ import annotations

import time
from contextlib import closing

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from odziv.processes.commands import ending_on_sigterm, show_progress
from odziv.processes.only_server import FolderTaken, only_server
from odziv.store.copying import Copied, CopyFailed, copy_database
from odziv.store.damage import DatabaseBroken
from odziv.store.engine import Store
from odziv.web.services import Services

db_cli = AppGroup("db", help="The database: move to PostgreSQL.")


def _read_address(_context: click.Context, _option: click.Parameter, told: str) -> URL:
    """The address, which is never shown: it may hold a password. Raises BadParameter for what is none."""
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgresql", "postgres") or not url.database:
        raise click.BadParameter("it has to be an address like postgresql://user:password@host/database.")
    return url.set(drivername="postgresql")


@db_cli.command("copy")
@click.option(
    "--to",
    "url",
    required=True,
    envvar="ODZIV_COPY_TO",
    metavar="URL",
    callback=_read_address,
    help="postgresql://user:password@host/database, or in the environment as ODZIV_COPY_TO, where nobody sees it.",
)
@with_appcontext
def copy(url: URL) -> None:
    """Copies everything from SQLite into an empty PostgreSQL database, and compares it row by row.

    Stop the server before. The old database is only read, so that it can go on if you think better of it.
    """
    services: Services = current_app.extensions["odziv"]
    if services.store.url.get_backend_name() != "sqlite":
        raise click.ClickException(f"This installation is on {services.store.name} already; only SQLite is copied.")
    began = time.monotonic()
    try:
        with only_server(services.settings.var), ending_on_sigterm():
            store = Store(url.render_as_string(hide_password=False), files=services.store.files.folder)
            with closing(store):
                copied = copy_database(services.store, store, show_progress)
    except (CopyFailed, DatabaseBroken, FolderTaken) as error:
        raise click.ClickException(str(error)) from error
    _tell(services, copied, time.monotonic() - began)


def _tell(services: Services, copied: Copied, seconds: float) -> None:
    total = sum(copied.rows.values())
    biggest = sorted(copied.rows.items(), key=lambda each: -each[1])[:5]
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in biggest if count)
    click.echo(f"{total} rows copied and compared in {seconds:.1f} s{f' ({counts})' if counts else ''}.")
    if copied.shortened:
        click.echo(f"Note: {copied.shortened} rows had a NUL character in a text; it was left out.", err=True)
    click.echo(
        f"Now set database_url in config.yml to that address, and start. The data folder {services.settings.var} stays"
        f" in use for files and secrets. {services.store.name} is as it was: once all is well, put it away."
    )
