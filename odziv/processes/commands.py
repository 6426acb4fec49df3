"""`flask --app server forget-deleted`: what an operator may have to run by hand."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from odziv.cases.forgetting import sweep_remains
from odziv.store.conversations.attachments import list_unknown_files


@click.command("forget-deleted")
@click.option("--unknown-files", is_flag=True, help="Also delete the attachments that no conversation here has.")
@with_appcontext
def forget_deleted(unknown_files: bool) -> None:
    """Removes what deleted conversations left in the data folder: Rasa's memory of them, and free space in the files.

    Customers wait while it runs, some seconds for each gigabyte.
    """
    services = current_app.extensions["odziv"]
    swept = sweep_remains(services.store, services.settings.var, compact=True)
    click.echo(f"{swept} dialogues that nobody goes on with removed from Rasa's memory; both databases written anew.")
    unknown = list_unknown_files(services.store)
    if unknown and unknown_files:
        services.store.files.remove(unknown)
        click.echo(f"{len(unknown)} attachments that no conversation has were deleted.")
    elif unknown:
        click.echo(
            f"{len(unknown)} attachments belong to no conversation in this database, and stay: perhaps it is an older"
            " backup, and they are somebody's. If it is the right one, --unknown-files deletes them."
        )
