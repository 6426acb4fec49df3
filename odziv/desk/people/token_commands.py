"""The commands for tokens of programs: `flask --app server tokens …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from odziv.desk.frame.labels import to_iso
from odziv.store.agents.agent import ROLES, find_agent_by_email
from odziv.store.agents.tokens import NoSuchAgent, lesser, list_tokens, make_token, revoke_token
from odziv.store.lengths import LONGEST_TOKEN_NAME
from odziv.web.services import services

tokens_group = AppGroup("tokens", help="Tokens by which programs act at the desk.")


@tokens_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The program's, to tell tokens apart.")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after that many days; without it, never.")
def add_token(email: str, name: str, role: str, days: int | None) -> None:
    """Prints a token by which a program acts as the agent EMAIL. It is shown only now."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_TOKEN_NAME or not name.isprintable():
        raise click.BadParameter(f"write 1 to {LONGEST_TOKEN_NAME} letters", param_hint="--name")
    agent = find_agent_by_email(services().store, email)
    if agent is None:
        raise click.ClickException(f"there is no agent {email}")
    if lesser(role, agent.role) != role:
        raise click.ClickException(f"{agent.email} is {agent.role}, so their token can't have the role {role}")
    try:
        _, token = make_token(services().store, agent.id, name, role, days=days)
    except NoSuchAgent as error:
        raise click.ClickException(f"{agent.email} is disabled; run `agents enable {agent.email}` first") from error
    click.echo(token)


@tokens_group.command("list")
def show_all() -> None:
    """Lists the tokens that work."""
    for token in list_tokens(services().store):
        used = f"last used {to_iso(token.last_used_at)}" if token.last_used_at else "not used yet"
        ends = f"until {to_iso(token.expires_at)[:10]}" if token.expires_at else "without end"
        click.echo(f"{token.id}\t{token.name}\t{token.agent_email}\t{token.role}\t{used}\t{ends}")


@tokens_group.command("revoke")
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
def revoke_one(token_id: int) -> None:
    """Ends the token with that ID (see `tokens list`) at once."""
    if not revoke_token(services().store, token_id):
        raise click.ClickException(f"there is no token {token_id} that works")
    click.echo(f"token {token_id} is revoked")
