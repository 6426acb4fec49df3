"""`flask --app server forget-deleted`: what an operator may have to run by hand."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from odziv.cases.forgetting import forget_sender, sweep_remains
from odziv.cases.mail_addresses import read_sender_address
from odziv.store.conversations.attachments import list_unknown_files
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
    if aside := count_aside(services.store):
        click.echo(
            f"{aside} e-mails are put aside at the desk, and stay: whether their senders asked for it is not known."
            " --sender deletes those of an address."
        )
