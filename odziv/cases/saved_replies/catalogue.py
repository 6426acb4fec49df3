"""The list of saved replies, as editors keep it: shortcuts, names, and texts in the languages that are served."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from odziv.cases.conversations.placeholders import find_problem
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_language
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents import saved_replies
from odziv.store.agents.agent import Agent
from odziv.store.agents.saved_replies import Outdated, SavedReply, ShortcutTaken, find_saved_reply, list_saved_replies
from odziv.store.lengths import LONGEST_REPLY_NAME, LONGEST_SHORTCUT
from odziv.texts.desk import N_, _, number

SHORTCUT = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SHORTCUT - 2}}}[a-z0-9])?")
LONGEST_TEXT, MOST_REPLIES = 5000, 500
OUTDATED = N_("Somebody changed or deleted this meanwhile. Nothing was saved; open it again to see what it is now.")


@dataclass(frozen=True)
class NewReply:
    """What a saved reply is to be, as it was typed; `texts` by language, those that are not served are left out."""

    shortcut: str
    name: str
    texts: Mapping[str, str]


def save_reply(
    store: Store,
    settings: Settings,
    agent: Agent,
    wanted: NewReply,
    *,
    former: SavedReply | None = None,
    version: int = 0,
) -> int:
    """Adds a saved reply, or changes `former`, of which the editor saw `version`; returns its id. Raises Refused for
    what is none, for a shortcut there is, and (CONFLICT) where somebody else was quicker."""
    texts = _choose_texts(settings, wanted, former)
    problem = _find_problem(wanted, texts) or (_find_limit(store) if former is None else None)
    if problem:
        raise Refused(Kind.UNFIT, problem)
    try:
        if former is None:
            return saved_replies.add_saved_reply(store, wanted.shortcut, wanted.name, texts, agent.id)
        kept = (wanted.shortcut, wanted.name, texts)
        saved_replies.change_saved_reply(store, former.id, version, *kept, agent.id)
    except ShortcutTaken:
        problem = _("Not saved: another reply has the shortcut /%(shortcut)s.", shortcut=wanted.shortcut)
        raise Refused(Kind.UNFIT, problem) from None
    except Outdated:
        raise Refused(Kind.CONFLICT, _(OUTDATED)) from None
    return former.id


def delete_reply(store: Store, agent: Agent, reply_id: int, version: int) -> SavedReply:
    """Deletes a saved reply, of which the editor saw `version`; returns it. Raises Refused as `save_reply`."""
    reply = get_reply(store, reply_id)
    try:
        saved_replies.delete_saved_reply(store, reply_id, version, agent.id)
    except Outdated:
        raise Refused(Kind.CONFLICT, _(OUTDATED)) from None
    return reply


def get_reply(store: Store, reply_id: int) -> SavedReply:
    """The saved reply. Raises Refused for one there isn't."""
    reply = find_saved_reply(store, reply_id)
    if reply is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such saved reply."))
    return reply


def _choose_texts(settings: Settings, wanted: NewReply, former: SavedReply | None) -> dict[str, str]:
    """The texts by language; what it had in languages that are no longer served stays."""
    served = settings.languages
    kept = {language: text for language, text in (former.texts if former else {}).items() if language not in served}
    return {**{language: text for language in served if (text := wanted.texts.get(language))}, **kept}


def _find_problem(wanted: NewReply, texts: Mapping[str, str]) -> str | None:
    if not SHORTCUT.fullmatch(wanted.shortcut):
        return _(
            "Not saved: a shortcut has up to %(most)s small letters a–z, digits and hyphens, like refund-time.",
            most=LONGEST_SHORTCUT,
        )
    if not wanted.name or len(wanted.name) > LONGEST_REPLY_NAME or not wanted.name.isprintable():
        return _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_REPLY_NAME)
    if not texts:
        return _("Not saved: please write the text in at least one language.")
    for language, text in texts.items():
        if problem := _find_problem_in(text):
            return _("Not saved, %(language)s: %(problem)s", language=label_language(language), problem=problem)
    return None


def _find_problem_in(text: str) -> str | None:
    if "\0" in text:
        return _("the text holds a character that can’t be shown.")
    if len(text) > LONGEST_TEXT:
        count, most = number(len(text)), number(LONGEST_TEXT)
        return _("the text has %(count)s characters; it can have %(most)s.", count=count, most=most)
    return find_problem(text)


def _find_limit(store: Store) -> str | None:
    if len(list_saved_replies(store)) < MOST_REPLIES:
        return None
    return _(
        "Not saved: there are %(most)s replies already. Nobody finds their way in more; delete some first.",
        most=MOST_REPLIES,
    )
