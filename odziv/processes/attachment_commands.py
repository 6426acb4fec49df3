"""`flask --app server attachments`: moves files from the data folder into the store that the settings name."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from odziv.processes.commands import ending_on_sigterm
from odziv.store.files import FilesAway

attachments_group = AppGroup("attachments", help="Where attachments are kept.")


@attachments_group.command("move")
def move() -> None:
    """Moves the files of the data folder into the store that `attachments` in config.yml names.

    The server can serve meanwhile; what is cut short goes on with the same command.
    """
    services = current_app.extensions["odziv"]
    files = services.store.files
    if files.elsewhere is None:
        raise click.ClickException("`attachments` in config.yml is empty: files are kept in the data folder.")
    waiting = files.list_in_folder()
    try:
        with ending_on_sigterm():
            for file_id in waiting:
                files.take_over(file_id)
    except FilesAway as error:
        left = len(files.list_in_folder())
        raise click.ClickException(f"{error}. {left} of {len(waiting)} files are still in {files.folder}.") from error
    click.echo(f"{len(waiting)} files moved from {files.folder} to {files.name}.")
