"""The page of all conversations: what is wanted, found and counted."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from odziv.cases.conversations.views import may_change
from odziv.cases.topics import REASONS, list_articles, list_topics
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.finding.address import ConversationsAddress, with_state, write_place
from odziv.desk.finding.several import offer_several
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, page
from odziv.store.agents.agent import list_agents
from odziv.store.fields.fields import list_fields
from odziv.store.labels.labels import list_labels
from odziv.store.labels.marks import list_labels_of
from odziv.store.search.entries import CUSTOMER, FIELD, FILE, MESSAGE, NOTE, SUBJECT
from odziv.store.search.filling import is_filling
from odziv.store.search.filters import STATES
from odziv.store.search.finding import Hit, read_query, search
from odziv.store.search.listing import MOST_COUNTED, count_wanted, list_wanted
from odziv.store.search.views import list_views
from odziv.texts.desk import N_, _, ngettext, number, said
from odziv.web.forms import read_address
from odziv.web.services import services

PAGE_SIZE = 25
STATE_WORDS = {
    "open": N_("Open"),
    "waiting": N_("Waiting"),
    "snoozed": N_("Snoozed"),
    "bot": N_("With the bot"),
    "resolved": N_("Resolved"),
    "spam": N_("Spam"),
}
KIND_WORDS = {
    MESSAGE: N_("Messages"),
    NOTE: N_("Internal notes"),
    FILE: N_("File names"),
    SUBJECT: N_("Subjects"),
    CUSTOMER: N_("Customers"),
    FIELD: N_("Fields"),
}
HIT_WORDS = {
    NOTE: N_("Internal note"),
    FILE: N_("File"),
    SUBJECT: N_("Subject"),
    CUSTOMER: N_("Customer"),
    FIELD: N_("Field"),
    "number": N_("Conversation’s number"),
}
ORDER_WORDS = {
    "activity": N_("Last activity, newest first"),
    "quiet": N_("Last activity, oldest first"),
    "newest": N_("Begun last"),
    "oldest": N_("Begun first"),
}
CHANNELS = {"widget": N_("Chat"), "mail": N_("E-mail")}


@page("/conversations", needs=AGENT)
def show_conversations() -> str:
    """All conversations, by the filters of the address; with words in it, those that were found by them. A script gets
    the list alone."""
    address = read_address(ConversationsAddress)
    found = find_conversations(address)
    if is_fragment():
        return render_template("desk/finding/_results.html", **found)
    return show_page("desk/finding/conversations.html", "conversations", **found, **_offer(address))


def find_conversations(address: ConversationsAddress) -> dict[str, Any]:
    """A page of the list, or of what was found, and where the next one begins."""
    store, wanted = services().store, address.wanted()
    shown: dict[str, Any] = {"address": address, "count": None, "is_filling": is_filling(store)}
    if not address.q:
        rows, next_row = list_wanted(store, wanted, address.sort, address.list_place(), PAGE_SIZE)
        following = write_place(next_row)
        shown |= {"hits": [Hit(row, "", None) for row in rows], "count": _say_count(count_wanted(store, wanted))}
    else:
        place = address.search_place()
        shown["hits"], next_hit = search(store, address.q, wanted, PAGE_SIZE, kind=address.entry_kind, after=place)
        following = write_place(next_hit)
        shown["nothing_to_find"] = read_query(address.q).is_empty
    shown["labels"] = list_labels_of(store, [hit.conversation.id for hit in shown["hits"]])
    return {**shown, **offer_several(), "following": following, "filters": address.query()}


def _say_count(count: int) -> str:
    if count > MOST_COUNTED:
        return _("More than %(count)s conversations", count=number(MOST_COUNTED))
    return ngettext("%(num)s conversation", "%(num)s conversations", count)


def _offer(address: ConversationsAddress) -> dict[str, Any]:
    """What there is to choose from."""
    settings, agent = services().settings, current_user.agent
    people = sorted(list_agents(services().store), key=lambda one: one.name.casefold())
    views = list_views(services().store, agent.id)
    return {
        "choices": {
            "site": (_("Website"), {key: site.name for key, site in settings.sites.items()}),
            "language": (_("Language"), settings.languages),
            "channel": (_("Channel"), said(CHANNELS)),
            "agent": (_("Agent"), {"me": _("Me")} | {str(one.id): one.name for one in people}),
            "reason": (_("Why a person was wanted"), said(REASONS)),
            "topic": (_("Category"), list_topics(settings)),
            "label": (_("Label"), {str(label.id): label.name for label in list_labels(services().store)}),
            "field": (
                _("Field"),
                {str(field.id): field.name for field in list_fields(services().store, archived=True)},
            ),
            "rating": (_("Rating"), {str(score): _("%(score)s of 5", score=score) for score in range(5, 0, -1)}),
        },
        "kinds": said(KIND_WORDS),
        "orders": said(ORDER_WORDS),
        "states": [(state, label_state(state), with_state(address, state)) for state in STATES],
        "any_state": with_state(address, None),
        "views": views,
        "current_view": next((view for view in views if view.query == address.query()), None),
        "may_change": lambda view: may_change(agent, view),
        "articles": list_articles(settings),
    }


@blueprint.app_template_filter("state_label")
def label_state(state: str) -> str:
    """How a conversation stands, in words."""
    return _(STATE_WORDS[state]) if state in STATE_WORDS else state


@blueprint.app_template_filter("hit_label")
def label_hit(kind: str) -> str:
    """In what words were found; empty for a message, which needs no word."""
    return _(HIT_WORDS[kind]) if kind in HIT_WORDS else ""
