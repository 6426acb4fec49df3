"""`flask --app server backup`, `restore`, `forget-deleted`, `retention` and `db copy`: what an operator runs."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from odziv.cases.forgetting import forget_sender, sweep_remains
from odziv.cases.mail_addresses import read_sender_address
from odziv.cases.retention.deleting import RetentionRun
from odziv.cases.retention.plan import Planned, plan_retention
from odziv.processes.only_server import FolderTaken, only_server
from odziv.settings.load import find_config
from odziv.store.backups.making import Made, make_backup
from odziv.store.backups.refused import BackupFailed, tell_size
from odziv.store.backups.restoring import Restored, restore_backup
from odziv.store.conversations.attachments import list_unknown_files
from odziv.store.copying import Copied, CopyFailed, copy_database, read_target
from odziv.store.damage import DatabaseBroken
from odziv.store.engine import Store, iso_time
from odziv.store.mail.aside import count_aside


def _read_senders(_context: click.Context, _option: click.Parameter, told: tuple[str, ...]) -> set[str]:
    """The addresses as mails have them. Raises BadParameter for what is none."""
    read = {each: read_sender_address(each) for each in told}
    if wrong := [each for each, address in read.items() if address is None]:
        raise click.BadParameter(f"{wrong[0]!r} is no e-mail address.")
    return {address for address in read.values() if address}


@click.command("forget-deleted")
@click.option("--unknown-files", is_flag=True, help="Also delete the attachments that no conversation here has.")
@click.option(
    "--sender",
    "senders",
    multiple=True,
    metavar="ADDRESS",
    callback=_read_senders,
    help="Also delete the e-mails from this address that were put aside. May be given several times.",
)
@with_appcontext
def forget_deleted(unknown_files: bool, senders: set[str]) -> None:
    """Removes what deleted conversations left in the data folder: Rasa's memory of them, and free space in the files.

    Customers wait while it runs, some seconds for each gigabyte.
    """
    services = current_app.extensions["odziv"]
    if senders:
        click.echo(f"{forget_sender(services.store, senders)} e-mails that were put aside were deleted.")
    swept = sweep_remains(services.store, services.settings.var, compact=True)
    is_ours = services.store.url.get_backend_name() == "sqlite"
    anew = (
        "both databases written anew." if is_ours else "that written anew. What is in PostgreSQL, its vacuum sees to."
    )
    click.echo(f"{swept} dialogues that nobody goes on with removed from Rasa's memory; {anew}")
    unknown = list_unknown_files(services.store)
    if unknown and unknown_files:
        services.store.files.remove(unknown)
        click.echo(f"{len(unknown)} attachments that no conversation has were deleted.")
    elif unknown:
        click.echo(
            f"{len(unknown)} attachments belong to no conversation in this database, and stay: perhaps it is an older"
            " backup, and they are somebody's. If it is the right one, --unknown-files deletes them."
        )
    if aside := count_aside(services.store):
        click.echo(
            f"{aside} e-mails are put aside at the desk, and stay: whether their senders asked for it is not known."
            " --sender deletes those of an address."
        )


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-secrets", is_flag=True, help="Also the secrets, without which customers and agents begin anew.")
@with_appcontext
def backup(file: Path, with_secrets: bool) -> None:
    """Writes everything of this installation into FILE, while the server serves.

    The database, what Rasa remembers, attachments, articles and settings, as they are now; FILE must not be there yet.
    """
    services = current_app.extensions["odziv"]
    try:
        with ending_on_sigterm():
            made = make_backup(
                services.store,
                services.settings,
                file.absolute(),
                config=find_config(),
                with_secrets=with_secrets,
                told=_show_progress,
            )
    except BackupFailed as error:
        raise click.ClickException(str(error)) from error
    _tell_backup(file, made)


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@with_appcontext
def retention(dry_run: bool) -> None:
    """Deletes what is older than `retention`, in config.yml or at the desk, keeps it, as the server does at night."""
    services = current_app.extensions["odziv"]
    if not services.settings.retention.is_on:
        click.echo("Nothing is deleted by itself: `retention` names no days, in config.yml and at the desk.")
    elif dry_run:
        for planned in plan_retention(services.store, services.settings):
            _tell_planned(planned)
    else:
        with ending_on_sigterm():
            deleted = RetentionRun(services.store, services.settings, threading.Event()).run()
        click.echo(", ".join(f"{count} {kind}" for kind, count in deleted.items() if count) or "Nothing was too old.")


def _tell_planned(planned: Planned) -> None:
    since = f", the oldest of {iso_time(planned.oldest)[:10]}" if planned.oldest is not None else ""
    click.echo(f"{planned.kind}, {planned.where}, older than {planned.days} days: {planned.count}{since}")


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, so that what is half written is removed on the way out."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show_progress(text: str) -> None:
    """On one line of a terminal; nowhere else."""
    if sys.stderr.isatty():
        click.echo(f"\r{text}\033[K", err=True, nl=False)


def _tell_backup(file: Path, made: Made) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in made.counts.items())
    click.echo(f"{file}: {tell_size(made.bytes)} in {made.seconds:.1f} s ({counts}).")
    for remark in made.remarks:
        click.echo(f"Note: {remark}.", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def restore(file: Path) -> None:
    """Puts the backup in FILE into this installation, which has to be empty, and not running."""
    services = current_app.extensions["odziv"]
    try:
        with only_server(services.settings.var):
            services.store.close()  # a fresh one, which the backup's replaces
            restored = restore_backup(services.settings, file.absolute())
    except (BackupFailed, FolderTaken) as error:
        raise click.ClickException(str(error)) from error
    _tell_restored(file, restored)


def _tell_restored(file: Path, restored: Restored) -> None:
    manifest = restored.manifest
    counts = ", ".join(f"{count} {name}" for name, count in manifest.counts.items())
    click.echo(f"Restored {file} of {manifest.made_at} ({counts}). Start the server now.")
    for remark in restored.remarks:
        click.echo(f"Note: {remark}.", err=True)


db_cli = AppGroup("db", help="The database: move to PostgreSQL.")


def _read_target(_context: click.Context, _option: click.Parameter, told: str) -> str:
    """The address. Raises BadParameter for what is none."""
    try:
        return read_target(told)
    except CopyFailed as error:
        raise click.BadParameter(f"{error}.") from None


@db_cli.command("copy")
@click.option(
    "--to",
    "url",
    required=True,
    envvar="ODZIV_COPY_TO",
    metavar="URL",
    callback=_read_target,
    help="postgresql://user:password@host/database, or in the environment as ODZIV_COPY_TO, where nobody sees it.",
)
@with_appcontext
def copy(url: str) -> None:
    """Copies everything from SQLite into an empty PostgreSQL database, and compares it row by row.

    Stop the server before. The old database is only read, so that it can go on if you think better of it.
    """
    services = current_app.extensions["odziv"]
    if services.store.url.get_backend_name() != "sqlite":
        raise click.ClickException(f"This installation is on {services.store.name} already; only SQLite is copied.")
    began = time.monotonic()
    try:
        with only_server(services.settings.var), ending_on_sigterm():
            store = Store(url, files=services.store.files.folder)
            with closing(store):
                copied = copy_database(services.store, store, _show_progress)
    except (CopyFailed, DatabaseBroken, FolderTaken) as error:
        raise click.ClickException(str(error)) from error
    _tell_copied(services.settings.var, services.store.name, copied, time.monotonic() - began)


def _tell_copied(var: Path, name: str, copied: Copied, seconds: float) -> None:
    biggest = sorted(copied.rows.items(), key=lambda each: -each[1])[:5]
    counts = ", ".join(f"{count} {table.replace('_', ' ')}" for table, count in biggest if count)
    click.echo(f"{sum(copied.rows.values())} rows copied and compared in {seconds:.1f} s ({counts}).")
    if copied.shortened:
        click.echo(f"Note: {copied.shortened} rows had a NUL character in a text; it was left out.", err=True)
    click.echo(
        f"Now set database_url in config.yml to that address, and start. The data folder {var} stays in use for files"
        f" and secrets. {name} is as it was: once all is well, put it away."
    )
