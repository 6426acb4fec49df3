"""`flask --app server export` and `customer`: what is known, taken away by an operator."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from odziv.cases.customer_data.all_conversations import ExportFailed, Range, export_conversations
from odziv.processes.commands import ending_on_sigterm

export_group = AppGroup("export", help="Takes everything away as a file.")
DAY = click.DateTime(["%Y-%m-%d"])


@export_group.command("conversations")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=DAY, help="Only those begun on this day or later (UTC).")
@click.option("--until", type=DAY, help="Only those begun before this day (UTC).")
@click.option("--site", help="Only those of this site, by its key in config.yml.")
def export_all(file: Path, since: datetime | None, until: datetime | None, site: str | None) -> None:
    """Writes all conversations into FILE, one JSON document a line, while the server serves.

    They are as they were when the command began. FILE must not be there yet.
    """
    services = current_app.extensions["odziv"]
    if site is not None and site not in services.settings.sites:
        raise click.BadParameter(f"there is no site {site!r} in config.yml.", param_hint="--site")
    wanted = Range(site, _to_moment(since), _to_moment(until))
    try:
        with ending_on_sigterm():
            count = export_conversations(services.store, file.absolute(), wanted, _show_count)
    except ExportFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {count} conversations.")


def _to_moment(day: datetime | None) -> int | None:
    return round(day.replace(tzinfo=UTC).timestamp() * 1000) if day else None


def _show_count(count: int) -> None:
    """On one line of a terminal; nowhere else."""
    if sys.stderr.isatty():
        click.echo(f"\r{count} conversations\033[K", err=True, nl=False)
