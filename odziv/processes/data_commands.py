"""`flask --app server export` and `customer`: what is known, taken away or erased by an operator."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from odziv.cases.customer_data.all_conversations import Range, export_conversations
from odziv.cases.customer_data.erasing import NotErased, erase_customer, make_receipt
from odziv.cases.customer_data.exporting import export_customer
from odziv.cases.customer_data.files import ExportFailed
from odziv.cases.customer_data.whose import Customer, Unknown, find_customer, read_who
from odziv.processes.commands import ending_on_sigterm
from odziv.store.customers.erasures import Overtaken, list_erasures

export_group = AppGroup("export", help="Takes everything away as a file.")
customer_group = AppGroup("customer", help="What is known of one customer: given to them, or erased.")
also_unsure = click.option(
    "--also-unsure", is_flag=True, help="Also conversations that may be theirs: their address was only typed there."
)
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


@customer_group.command("export")
@click.argument("who")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--language", help="Of the readable page; without it, the customer's.")
@also_unsure
def export_one(who: str, file: Path, language: str | None, also_unsure: bool) -> None:
    """Writes all that is known of a customer into FILE, a ZIP.

    WHO is the id of a conversation, an e-mail address, or SITE:ID with the site's own id for them.
    """
    services = current_app.extensions["odziv"]
    if language is not None and language not in services.settings.languages:
        raise click.BadParameter(f"{language!r} is not among `languages` in config.yml.", param_hint="--language")
    customer = _find(who, also_unsure)
    try:
        with ending_on_sigterm():
            export_customer(
                services.store, services.settings, customer, file.absolute(), language=language, told=_show_count
            )
    except ExportFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {_tell(customer)}.")
    _tell_unsure(customer)


@customer_group.command("erase")
@click.argument("who")
@click.option("--yes", is_flag=True, help="Erase it. Without it, nothing is deleted, and what would be is told.")
@also_unsure
def erase_one(who: str, yes: bool, also_unsure: bool) -> None:
    """Erases all that is known of a customer, for good, and prints a receipt. WHO is as for `export`.

    Should it be cut short, the server goes on with it: `customer erasures` says how it stands.
    """
    services = current_app.extensions["odziv"]
    customer = _find(who, also_unsure)
    if not yes:
        click.echo(f"{_tell(customer)} would be erased, with all that hangs on them. --yes does it.")
        return _tell_unsure(customer)
    try:
        with ending_on_sigterm():
            receipt = erase_customer(services.store, services.settings, customer, None, _show_count)
    except (NotErased, Overtaken) as error:
        told = f"It is not complete: {error}. The server goes on with it; `customer erasures` says how it stands."
        raise click.ClickException(told) from error
    click.echo(json.dumps(receipt, ensure_ascii=False, indent=1))
    _tell_unsure(customer)


@customer_group.command("erasures")
def show_erasures() -> None:
    """Prints a receipt of each erasure, one a line, the newest first; `complete` says whether it is done."""
    services = current_app.extensions["odziv"]
    for erased in list_erasures(services.store):
        click.echo(json.dumps(make_receipt(services.store, services.settings, erased.id), ensure_ascii=False))


def _find(who: str, also_unsure: bool) -> Customer:
    services = current_app.extensions["odziv"]
    try:
        wanted = read_who(who, services.settings)
        return find_customer(services.store, services.settings, wanted, also_unsure=also_unsure)
    except Unknown as error:
        raise click.ClickException(str(error)) from error


def _tell(customer: Customer) -> str:
    return f"{len(customer.conversation_ids)} conversations, {customer.mails_aside} e-mails put aside"


def _tell_unsure(customer: Customer) -> None:
    if customer.unsure:
        click.echo(
            "Left alone, since only an address that was typed, or added by an agent, says so, or an agent merged them:"
            f" {len(customer.unsure)}"
            f" conversations ({', '.join(customer.unsure[:5])}{', …' if len(customer.unsure) > 5 else ''})."
            " --also-unsure takes them too; look at them first, for they may be somebody else's."
        )


def _to_moment(day: datetime | None) -> int | None:
    return round(day.replace(tzinfo=UTC).timestamp() * 1000) if day else None


def _show_count(count: int) -> None:
    """On one line of a terminal; nowhere else."""
    if sys.stderr.isatty():
        click.echo(f"\r{count} conversations\033[K", err=True, nl=False)
