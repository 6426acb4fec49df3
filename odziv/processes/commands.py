"""`flask --app server forget-deleted`: what an operator may have to run by hand."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from odziv.cases.forgetting import sweep_remains


@click.command("forget-deleted")
@with_appcontext
def forget_deleted() -> None:
    """Removes what deleted conversations left in the data folder: Rasa's memory of them, and free space in the files.

    Customers wait while it runs, some seconds for each gigabyte.
    """
    services = current_app.extensions["odziv"]
    swept = sweep_remains(services.store, services.settings.var, compact=True)
    click.echo(f"{swept} dialogues of deleted conversations removed from Rasa's memory; both databases written anew.")
