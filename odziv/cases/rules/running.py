"""Does what a rule says, in the transaction in which it was asked: what can be is done, the rest is said in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from kb.render import render
from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.lookup import say_who_has
from odziv.cases.conversations.placeholders import clean_name, fill
from odziv.cases.conversations.snooze import choose_moment
from odziv.cases.fields.values import check_filled_in, fill_in
from odziv.cases.labels.marking import put_label, take_label_off
from odziv.cases.macros.steps import Steps, read_steps
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import load_team
from odziv.cases.rules.matching import Facts
from odziv.cases.rules.terms import Terms
from odziv.cases.targets import priority_of
from odziv.settings import REFERENCE, Settings
from odziv.store import Store
from odziv.store.agents.saved_replies import find_saved_reply
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.handoffs import snoozes
from odziv.store.handoffs.handoff import claim
from odziv.store.handoffs.targets import set_priority
from odziv.store.macros.macros import find_macro
from odziv.store.rules.facts import close_by_rule
from odziv.store.rules.rules import Rule, count_run
from odziv.store.webhooks.events import emit
from odziv.texts.desk import N_, _
from odziv.texts.moments import format_in, name_language
from odziv.texts.notices import notice

PRIORITIES_SET = {
    "normal": N_("priority normal"),
    "high": N_("priority high"),
    "urgent": N_("priority urgent"),
}
MOST_SAID = 10  # of what could not be done, in one entry
Action = tuple[str, Callable[[], None]]


def run_rule(store: Store, settings: Settings, rule: Rule, terms: Terms, facts: Facts) -> None:
    """Does it, with an entry in the log. `store` is a Joined whose transaction notes nothing for rules."""
    done, skipped = [], []
    for words, act in _list_actions(store, settings, rule, terms, facts):
        try:
            act()
            done.append(words)
        except Refused as refused:
            skipped.append(refused.problem.removeprefix("Nothing changed: "))
    said = ", ".join(done) or N_("nothing could be done")
    entry = internal_entry(N_("The rule “%(name)s” ran: %(done)s."), name=rule.name, done=said)
    if skipped:
        left_out = " ".join(skipped[:MOST_SAID])
        entry = internal_entry(
            N_("The rule “%(name)s” ran: %(done)s. Left out: %(skipped)s"), name=rule.name, done=said, skipped=left_out
        )
    with store.write() as connection:
        append_message(connection, facts.conversation.id, entry)
        count_run(connection, rule, facts.conversation.id)
        if terms.actions.tell:
            told = {"id": rule.id, "name": rule.name}
            emit(connection, "conversation.rule_ran", facts.conversation.id, rule=told)


def _list_actions(store: Store, settings: Settings, rule: Rule, terms: Terms, facts: Facts) -> Iterator[Action]:
    """What is to be done, each with its words for the log; a macro's steps come last."""
    yield from _list_steps(store, settings, rule, terms.actions.steps, facts)
    if terms.actions.macro is not None:
        macro = find_macro(store, terms.actions.macro)
        if macro is None:
            yield "", partial(_refuse, _("Its macro is deleted."))
            return
        steps = read_steps(macro.steps).model_copy(update={"reply": None, "text": ""})
        yield from _list_steps(store, settings, rule, steps, facts)


def _list_steps(store: Store, settings: Settings, rule: Rule, steps: Steps, facts: Facts) -> Iterator[Action]:
    this = facts.conversation.id
    for label_id in steps.labels_off:
        yield N_("a label taken off"), partial(take_label_off, store, None, this, label_id)
    for label_id in steps.labels_on:
        yield N_("a label put on"), partial(put_label, store, None, this, label_id)
    for field_id, text in steps.fields.items():
        yield N_("a field filled in"), partial(fill_in, store, None, this, field_id, text)
    if steps.priority:
        yield (
            PRIORITIES_SET.get(steps.priority, steps.priority),
            partial(_prioritise, store, rule, steps.priority, facts),
        )
    if steps.note:
        note = internal_entry("%(name)s: %(note)s", name=rule.name, note=steps.note)
        yield N_("a note added"), partial(_say, store, this, note)
    if steps.reply is not None:
        yield N_("an automatic message sent"), partial(_send, store, settings, steps.reply, facts)
    if steps.end == "assign":
        yield N_("given away"), partial(_assign, store, settings, rule, steps.to or 0, facts)
    elif steps.end == "snooze":
        yield N_("snoozed"), partial(_snooze, store, settings, rule, steps.snooze or "", facts)
    elif steps.end == "resolve":
        yield N_("resolved"), partial(_resolve, store, facts)
    elif steps.end is not None:
        yield "", partial(_refuse, _("Only an agent can put it back into the queue, or mark it as spam."))


def _refuse(problem: str) -> None:
    raise Refused(Kind.CONFLICT, problem)


def _say(store: Store, conversation_id: str, message: NewMessage) -> None:
    with store.write() as connection:
        append_message(connection, conversation_id, message)


def _prioritise(store: Store, rule: Rule, priority: str, facts: Facts) -> None:
    handoff = facts.handoff
    if handoff is None or handoff.status == "closed":
        raise Refused(Kind.CONFLICT, _("It has no priority: it waits for nobody, and nobody has it."))
    if priority_of(handoff) != priority:
        entry = internal_entry(
            N_("The rule “%(name)s” set the priority to %(priority)s."), name=rule.name, priority=priority
        )
        set_priority(store, handoff.id, priority, entry)


def _send(store: Store, settings: Settings, reply_id: int, facts: Facts) -> None:
    """The saved reply in the customer's language, under a line that says that nobody wrote it just now."""
    conversation, reply = facts.conversation, find_saved_reply(store, reply_id)
    if reply is None:
        raise Refused(Kind.CONFLICT, _("Its saved reply is deleted."))
    if conversation.status == "spam":
        raise Refused(Kind.CONFLICT, _("Nothing is sent to what is marked as spam."))
    if conversation.channel == "mail":  # no mail goes out that nobody wrote: the next machine might answer it
        raise Refused(Kind.CONFLICT, _("Automatic messages are read in the chat only, and this customer writes mails."))
    wanted = (conversation.language, settings.default_language, *reply.texts)
    language = next((one for one in wanted if reply.texts.get(one)), conversation.language)
    name, site = clean_name(conversation.name), settings.sites.get(conversation.site)
    values = {
        "customer.name": name,
        "customer.first_name": name and name.split()[0],
        "conversation.language": name_language(conversation.language, language),
        "site.name": site.name if site else None,
    }
    text = f"{notice('automatic', language)}\n\n{fill(reply.texts.get(language, ''), values)}"
    _say(store, conversation.id, NewMessage("system", text, render(text)))


def _assign(store: Store, settings: Settings, rule: Rule, to: int, facts: Facts) -> None:
    """To somebody who is there and takes new ones; never from a person who has it."""
    conversation = facts.conversation
    if conversation.status == "open" and conversation.agent_id == to:
        return
    if conversation.status != "queued" or facts.handoff is None:
        raise Refused(Kind.CONFLICT, _("Not given to anybody: %(who)s", who=say_who_has(conversation)))
    team = load_team(store, settings)
    member = next((one for one in team.members if one.agent_id == to), None)
    if member is None or not member.available or not member.is_online(team.now):
        raise Refused(Kind.CONFLICT, _("Not given to anybody: whom it is for isn’t at the desk, or is away."))
    entry = internal_entry(N_("The rule “%(name)s” gave this to %(other)s."), name=rule.name, other=member.name)
    joined = system_notice("joined", conversation.language, name=member.name)
    if not claim(store, facts.handoff.id, to, joined, entry, within=member.capacity or 0).won:
        raise Refused(Kind.CONFLICT, _("Not given to %(name)s, who has as many as they take.", name=member.name))


def _snooze(store: Store, settings: Settings, rule: Rule, choice: str, facts: Facts) -> None:
    conversation = facts.conversation
    if conversation.status != "open" or conversation.agent_id is None:
        raise Refused(Kind.CONFLICT, _("Not snoozed: %(who)s", who=say_who_has(conversation)))
    zone = ZoneInfo(settings.calendar().time_zone)
    until = choose_moment(choice, "", zone, datetime.fromtimestamp(store.clock() / 1000, UTC))
    words = format_in("EEE d MMM y, HH:mm", until, REFERENCE)
    entry = internal_entry(N_("The rule “%(name)s” snoozed this until %(until)s."), name=rule.name, until=words)
    moment = int(until.timestamp() * 1000)
    snoozes.snooze(store, conversation.id, conversation.agent_id, moment, entry, by_rule=True)


def _resolve(store: Store, facts: Facts) -> None:
    check_filled_in(store, facts.conversation)
    if not close_by_rule(store, facts.conversation.id, system_notice("resolved", facts.conversation.language)):
        raise Refused(
            Kind.CONFLICT, _("Not resolved: it waits for nobody and nobody has it, or somebody is in danger.")
        )
