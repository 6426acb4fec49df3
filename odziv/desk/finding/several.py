"""Several conversations of the list at once: taken now; or given, labelled, resolved …, which can be undone first."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.reassign import may_reassign
from odziv.cases.macros.pressing import ask_for_several, do_for_several, undo
from odziv.cases.macros.several import MOST_AT_ONCE, choose_steps, take_or_take_over
from odziv.cases.macros.steps import Steps
from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import is_fragment
from odziv.desk.conversation.reassign import list_takers
from odziv.desk.finding.address import ConversationsAddress
from odziv.desk.finding.views import FiltersForm, show_list
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.labels.labels import list_labels
from odziv.store.macros.scheduled_actions import ScheduledAction, list_recent_several
from odziv.store.search.finding import search
from odziv.store.search.listing import list_wanted
from odziv.texts.desk import N_, _, ngettext, reword
from odziv.web.forms import Ticked, read, read_form, to_number
from odziv.web.services import services

MOST_NAMED = 30  # for each reason; all that is said has to fit into a cookie
PAGE_OF_SEARCH = 100
SHOWN_MS = 2 * 60_000  # how long the outcome stands above the list
# What came of it, for how many conversations; for which it couldn't be, and why; and what is about to be done.
DONE = {
    "take": lambda n: ngettext("%(num)s taken.", "%(num)s taken.", n),
    "assign": lambda n: ngettext("%(num)s given.", "%(num)s given.", n),
    "resolve": lambda n: ngettext("%(num)s resolved.", "%(num)s resolved.", n),
    "label": lambda n: ngettext("%(num)s labelled.", "%(num)s labelled.", n),
    "unlabel": lambda n: ngettext("%(num)s unlabelled.", "%(num)s unlabelled.", n),
    "priority": lambda n: ngettext("%(num)s set.", "%(num)s set.", n),
    "spam": lambda n: ngettext("%(num)s marked as spam.", "%(num)s marked as spam.", n),
}
NOT_DONE = {
    "take": N_("Not taken: %(ids)s."),
    "assign": N_("Not given: %(ids)s."),
    "resolve": N_("Not resolved: %(ids)s."),
    "label": N_("Not labelled: %(ids)s."),
    "unlabel": N_("Not unlabelled: %(ids)s."),
    "priority": N_("Not set: %(ids)s."),
    "spam": N_("Not marked as spam: %(ids)s."),
}
DOING = {
    "assign": lambda n: ngettext("Giving away %(num)s conversation", "Giving away %(num)s conversations", n),
    "resolve": lambda n: ngettext("Resolving %(num)s conversation", "Resolving %(num)s conversations", n),
    "label": lambda n: ngettext("Labelling %(num)s conversation", "Labelling %(num)s conversations", n),
    "unlabel": lambda n: ngettext(
        "Taking the label off %(num)s conversation", "Taking the label off %(num)s conversations", n
    ),
    "priority": lambda n: ngettext(
        "Setting the priority of %(num)s conversation", "Setting the priority of %(num)s conversations", n
    ),
    "spam": lambda n: ngettext("Marking as spam: %(num)s conversation", "Marking as spam: %(num)s conversations", n),
}
Chosen = list[tuple[str, int | None]]


class SeveralForm(FiltersForm):
    """What is to be done with which: ids, each with the number of its last message, as in `0f3a….12`; or with
    `everything` that the filters show."""

    chosen: tuple[str, ...] = ()
    everything: Ticked = False
    do: str = ""
    to: str = ""
    label: str = ""
    priority: str = ""


@dataclass
class Outcome:
    """How many worked, and the short numbers of those that didn't, by the reason."""

    done: int = 0
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def say(self, did: str) -> str:
        """In one sentence for all that worked, and one for each reason."""
        words = [DONE[did](self.done)]
        for problem, ids in self.refused.items():
            reason = reword(problem).split(": ", 1)[-1]  # what comes before says that nothing was done
            named = ", ".join(ids[:MOST_NAMED])
            if more := len(ids[MOST_NAMED:]):
                named = ngettext("%(ids)s and %(num)s more", "%(ids)s and %(num)s more", more, ids=named)
            words.append(f"{_(NOT_DONE[did], ids=named)} {reason[:1].upper()}{reason[1:]}")
        return " ".join(words)


@dataclass(frozen=True)
class Asked:
    """What an agent asked for with one press. While it `waits`, it can be undone; then `said` tells what came of it."""

    batch: str
    doing: str
    due_at: int
    waits: bool
    is_over: bool
    said: str


def offer_several() -> dict[str, Any]:
    """To whom this agent may give what they choose in the list, how they can label it, and what they asked for."""
    takers = list_takers() if may_reassign(services().settings, current_user.agent) else []
    labels = list_labels(services().store)
    return {"takers": takers, "labels_offered": labels, "priorities": PRIORITIES, "asked": list_asked()}


@action("/conversations/several", needs=AGENT)
def act_on_several() -> AnyResponse:
    """Has one thing done with all that were chosen; what can't be done stops none of the others."""
    sent = read_form(SeveralForm)
    if sent.do not in DONE or (sent.do == "priority" and sent.priority not in PRIORITIES):
        raise Refused(Kind.INVALID, _("Please choose what to do with them."))
    chosen = _list_everything(sent) if sent.everything else _read_chosen(sent.chosen)
    if len(chosen) > MOST_AT_ONCE:
        raise Refused(Kind.UNFIT, _("At most %(most)s at once. Narrow them down with the filters.", most=MOST_AT_ONCE))
    if not chosen:
        flash(_("Please choose some first."))
    elif sent.do == "take":
        flash(_take(chosen))
    else:
        _ask(sent, chosen)
    return show_list(sent.query())


@page("/conversations/several", needs=AGENT)
def show_several() -> AnyResponse | str:
    """What of it waits, and what came of it; a script asks for it while something waits."""
    if not is_fragment():
        return redirect(url_for("desk.show_conversations"), 303)
    return _render_asked()


@action("/conversations/several/<batch>/undo", needs=AGENT)
def undo_several(batch: str) -> AnyResponse | str:
    """Takes back what has not been done yet; 409 when all has."""
    undo(services().store, current_user.agent, batch)
    return _render_asked() if is_fragment() else redirect(url_for("desk.show_conversations"), 303)


def list_asked() -> list[Asked]:
    """What this agent asked for in the last minutes, the newest first."""
    now = services().store.clock()
    rows = sorted(list_recent_several(services().store, current_user.id, now - SHOWN_MS), key=lambda row: row.batch)
    batches = [list(group) for _batch, group in groupby(rows, key=lambda row: row.batch)]
    return sorted((_describe(batch) for batch in batches), key=lambda asked: -asked.due_at)


def _describe(rows: list[ScheduledAction]) -> Asked:
    count, first, is_over = len(rows), rows[0], all(row.status != "waiting" for row in rows)
    doing = DOING[first.name](count)
    waits = any(row.status == "waiting" and not row.attempts for row in rows)
    return Asked(first.batch, doing, first.due_at, waits, is_over, _say_outcome(rows) if is_over else "")


def _say_outcome(rows: Iterable[ScheduledAction]) -> str:
    """What came of all that was asked for with one press, in words."""
    outcome, statuses, name = Outcome(), Counter(row.status for row in rows), ""
    for row in rows:
        name = row.name
        if row.status == "refused":
            outcome.refused[row.problem or ""].append(row.conversation_id[:6])
    outcome.done, undone = statuses["done"], statuses["undone"]
    if undone and not outcome.done and not outcome.refused:
        return _("Taken back. Nothing was changed.")
    taken_back = [ngettext("%(num)s taken back.", "%(num)s taken back.", undone)] if undone else []
    return " ".join([outcome.say(name), *taken_back])


def _render_asked() -> str:
    return render_template("desk/finding/_several_state.html", asked=list_asked())


def _ask(sent: SeveralForm, chosen: Chosen) -> None:
    store, settings, agent = services().store, services().settings, current_user.agent
    steps, key, delay_ms = _read_steps(sent), secrets.token_hex(8), settings.desk.undo_seconds * 1000
    if delay_ms:
        ask_for_several(store, agent, sent.do, steps, chosen, key=key, delay_ms=delay_ms)
        services().scheduled_actions.wake()
        return
    outcome = Outcome()
    for conversation_id, problem in do_for_several(store, settings, agent, steps, chosen, key=key):
        if problem is None:
            outcome.done += 1
        else:
            outcome.refused[problem].append(conversation_id[:6])
    flash(outcome.say(sent.do))


def _read_steps(sent: SeveralForm) -> Steps:
    to, label = to_number(sent.to, LARGEST_ID) or 0, to_number(sent.label, LARGEST_ID) or 0
    return choose_steps(sent.do, to=to, label=label, priority=sent.priority)


def _take(chosen: Chosen) -> str:
    """Takes them at once, which customers wait for; returns what came of it."""
    store, settings, agent = services().store, services().settings, current_user.agent
    outcome = Outcome()
    for conversation_id, _seen in chosen:
        try:
            take_or_take_over(store, settings, agent, conversation_id)
            outcome.done += 1
        except Refused as refused:
            outcome.refused[refused.problem].append(conversation_id[:6])
    return outcome.say("take")


def _read_chosen(chosen: tuple[str, ...]) -> Chosen:
    parts = [one.partition(".") for one in dict.fromkeys(chosen)]
    return list({conversation_id: (conversation_id, to_number(seen)) for conversation_id, _, seen in parts}.values())


def _list_everything(sent: SeveralForm) -> Chosen:
    """What the filters show, up to one more than MOST_AT_ONCE."""
    store, address = services().store, read(ConversationsAddress, MultiDict(parse_qsl(sent.query())))
    wanted, most = address.wanted(), MOST_AT_ONCE + 1
    if not address.q:
        rows, _place = list_wanted(store, wanted, address.sort, None, most)
        return [(row.id, row.last_seq) for row in rows]
    found: dict[str, int | None] = {}
    place = None
    while len(found) < most:
        hits, place = search(store, address.q, wanted, PAGE_OF_SEARCH, kind=address.entry_kind, after=place)
        found |= {hit.conversation.id: hit.conversation.last_seq for hit in hits}
        if place is None or not hits:
            break
    return list(found.items())[:most]
