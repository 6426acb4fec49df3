"""The desk's commands: `flask --app server agents …` and `flask --app server handoffs`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import click
from flask.cli import AppGroup, with_appcontext

from odziv.cases.mail_addresses import clean_address
from odziv.cases.targets import priority_of
from odziv.cases.topics import label_reason
from odziv.desk.frame.labels import label_elapsed, to_iso
from odziv.store.agents.agent import (
    ROLES,
    Agent,
    LastAdmin,
    find_agent_by_email,
    invite,
    list_agents,
    set_disabled,
)
from odziv.store.agents.identities import remove_identities
from odziv.store.agents.passwords import RESET_HOURS, make_reset
from odziv.store.agents.second_factor import remove_second_factor
from odziv.store.audit import record_alone
from odziv.store.conversations.messages import Message
from odziv.store.handoffs.handoff import Handoff, queue_with_messages
from odziv.web.services import services

agents_group = AppGroup("agents", help="The people who answer at the desk.")


@agents_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--name", default="", help="Filled in on the invitation's page; can be changed there.")
def add_agent(email: str, role: str, name: str) -> None:
    """Prints a link by which EMAIL becomes an agent, once, within seven days."""
    if clean_address(email) is None:
        raise click.BadParameter(f"{email!r} is no e-mail address", param_hint="EMAIL")
    if find_agent_by_email(services().store, email):
        raise click.ClickException(f"{email} is an agent already")
    link = f"{services().settings.url}/desk/invite/{invite(services().store, email, role)}"
    click.echo(link + (f"?name={quote(name)}" if name else ""))


@agents_group.command("list")
def show_agents() -> None:
    """Lists who can sign in."""
    for agent in list_agents(services().store):
        state = "disabled" if agent.disabled else "active"
        click.echo(f"{agent.email}\t{agent.name}\t{agent.role}\t{state}\tsince {to_iso(agent.created_at)[:10]}")


@agents_group.command("disable")
@click.argument("email")
def disable_agent(email: str) -> None:
    """Ends EMAIL's sessions and lets them in no more. What they have open goes back to the queue at once."""
    _set_disabled(email, True)


@agents_group.command("enable")
@click.argument("email")
def enable_agent(email: str) -> None:
    """Lets EMAIL in again."""
    _set_disabled(email, False)


@agents_group.command("reset")
@click.argument("email")
@click.option("--two-factor", is_flag=True, help="Turn two-factor off too: the phone and the recovery codes are gone.")
def reset_agent(email: str, two_factor: bool) -> None:
    """Prints a link by which EMAIL chooses a new password, once, within a day."""
    agent = _find(email)
    if agent.disabled:
        raise click.ClickException(f"{agent.email} is disabled; run `agents enable {agent.email}` first")
    if two_factor and remove_second_factor(services().store, agent.id):
        click.echo(f"two-factor of {agent.email} is off", err=True)
    click.echo(f"{services().settings.url}/desk/reset/{make_reset(services().store, agent.id)}")
    click.echo(f"good once, for {RESET_HOURS} hours", err=True)


@agents_group.command("part")
@click.argument("email")
def part_agent(email: str) -> None:
    """Parts EMAIL's account from the sign-in provider and ends its sessions; the next sign-in there is a first one."""
    agent = _find(email)
    if not remove_identities(services().store, agent.id):
        raise click.ClickException(f"{agent.email} is not joined to a provider")
    click.echo(f"{agent.email} is parted from the provider")


def _set_disabled(email: str, disabled: bool) -> None:
    agent = _find(email)
    try:
        set_disabled(services().store, agent.id, disabled)
    except LastAdmin as error:
        raise click.ClickException(f"{agent.email} is the only administrator; make somebody else one first") from error
    click.echo(f"{agent.email} is {'disabled' if disabled else 'active'}")


def _find(email: str) -> Agent:
    agent = find_agent_by_email(services().store, email)
    if agent is None:
        raise click.ClickException(f"there is no agent {email}")
    return agent


@click.command("handoffs")
@click.option("--json", "as_json", is_flag=True, help="With everything said, as JSON.")
@with_appcontext
def handoffs_command(as_json: bool) -> None:
    """Prints the queue: who waits for a person, in the order they are served."""
    queue = queue_with_messages(services().store)
    if as_json:
        record_alone(services().store, "exported", None, "queue", conversations=len(queue))
        click.echo(json.dumps([_as_json(h, messages) for h, messages in queue], ensure_ascii=False, indent=2))
        return
    for handoff, messages in queue:
        row = (handoff.id, handoff.language, label_elapsed(handoff.created_at), label_reason(handoff.reason))
        click.echo("\t".join((*map(str, row), f"{len(messages)} messages", handoff.conversation_id)))


def _as_json(handoff: Handoff, messages: list[Message]) -> dict[str, Any]:
    return {
        "id": handoff.id,
        "conversation": handoff.conversation_id,
        "site": handoff.site,
        "language": handoff.language,
        "topic": handoff.topic,
        "reason": handoff.reason,
        "raised_by": handoff.raised_by,
        "priority": priority_of(handoff),
        "promised_at": to_iso(handoff.target_at) if handoff.target_at else None,
        "status": handoff.status,
        "waiting_seconds": max(0, (services().store.clock() - handoff.created_at) // 1000),
        "created_at": to_iso(handoff.created_at),
        "messages": [_message_as_json(message) for message in messages],
    }


def _message_as_json(message: Message) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "sender": message.sender,
        "internal": message.internal,
        "text": message.text,
        "created_at": to_iso(message.created_at),
        "answer": message.answer,
        "attachments": message.attachments or [],
    }
