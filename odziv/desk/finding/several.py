"""Several conversations of the list at once: taken, given to a colleague or resolved, each by its own verb."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import flash
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.conversations.reassign import assign, may_reassign, take_over
from odziv.cases.conversations.release import release_conversation
from odziv.cases.labels.marking import put_label
from odziv.cases.refused import Kind, Refused
from odziv.desk.conversation.reassign import list_takers
from odziv.desk.finding.views import FiltersForm, show_list
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT, action
from odziv.store.labels.labels import list_labels
from odziv.web.forms import read_form, to_number
from odziv.web.services import services

MOST_AT_ONCE = 100
DONE = {"take": "taken", "assign": "given", "resolve": "resolved", "label": "labelled"}


class SeveralForm(FiltersForm):
    """What is to be done with which: ids, each with the number of its last message, as in `0f3a….12`."""

    chosen: tuple[str, ...] = ()
    do: str = ""
    to: str = ""
    label: str = ""


@dataclass
class Outcome:
    """How many worked, and the short numbers of those that didn't, by the reason."""

    done: int = 0
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def say(self, did: str) -> str:
        """In one sentence for all that worked, and one for each reason."""
        words = [f"{self.done} {did}."]
        for problem, ids in self.refused.items():
            reason = problem.split(": ", 1)[-1]  # what comes before says that nothing was done
            words.append(f"Not {did}: {', '.join(ids)}. {reason[:1].upper()}{reason[1:]}")
        return " ".join(words)


def offer_several() -> dict[str, Any]:
    """To whom this agent may give what they choose in the list, and how they can label it."""
    takers = list_takers() if may_reassign(services().settings, current_user.agent) else []
    return {"takers": takers, "labels_offered": list_labels(services().store)}


@action("/conversations/several", needs=AGENT)
def act_on_several() -> AnyResponse:
    """Does one thing with all that were chosen; what can't be done stops none of the others."""
    sent = read_form(SeveralForm)
    chosen = dict.fromkeys(sent.chosen)
    if sent.do not in DONE:
        raise Refused(Kind.INVALID, "Please choose what to do with them.")
    if len(chosen) > MOST_AT_ONCE:
        raise Refused(Kind.UNFIT, f"At most {MOST_AT_ONCE} at once.")
    outcome = Outcome()
    for one in chosen:
        conversation_id, _, seen = one.partition(".")
        try:
            _act(sent, conversation_id, to_number(seen))
            outcome.done += 1
        except Refused as refused:
            outcome.refused[refused.problem].append(conversation_id[:6])
    flash(outcome.say(DONE[sent.do]) if chosen else "Please choose some first.")
    return show_list(sent.query())


def _act(sent: SeveralForm, conversation_id: str, seen: int | None) -> None:
    store, settings, agent = services().store, services().settings, current_user.agent
    if sent.do == "assign":
        assign(store, settings, agent, conversation_id, sent.to)
    elif sent.do == "resolve":
        release_conversation(store, agent, conversation_id, "resolved", seen=seen)
    elif sent.do == "label":
        put_label(store, agent, conversation_id, to_number(sent.label, LARGEST_ID) or 0)
    elif get_conversation(store, conversation_id).status == "queued":
        claim_conversation(store, agent, conversation_id)
    else:
        take_over(store, settings, agent, conversation_id)
