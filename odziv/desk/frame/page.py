"""The frame of the desk's pages that show no conversation."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from flask_login import current_user

from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.limits import SignInLimits
from odziv.desk.frame.rights import lacks_two_factor
from odziv.desk.frame.roles import EDITOR, may
from odziv.store.agents.availability import is_available
from odziv.store.agents.mentions import count_unread
from odziv.store.handoffs.workload import measure_workload
from odziv.store.knowledge.drafts import count_drafts
from odziv.store.knowledge.feedback import count_unread as count_comments
from odziv.store.knowledge.flags import count_flags
from odziv.store.knowledge.phrasings import count_proposed
from odziv.store.mail.aside import count_aside
from odziv.texts.desk import ngettext
from odziv.web.services import services

LEARNING = ("phrasings", "drafts", "flags", "topics", "files")  # the pages below "Learning"


def show_page(template: str, which: str, **values: Any) -> str:
    """A page beside the rail; `which` of the rail's and the tabs' links is the present one."""
    return render_template(template, **rail(which), **values)


def rail(which: str) -> dict[str, Any]:
    """What the rail shows on every page: where one is, what waits, and whether one is available."""
    store, agent = services().store, current_user.agent
    return {
        "which": which,
        "learning_pages": LEARNING,
        "workload": measure_workload(store, agent.id),
        "unread": count_unread(store, agent.id),
        "aside_count": count_aside(store),
        "proposed": _count_proposals() if may(agent.role, EDITOR) else {},
        "comment_count": count_comments(store) if may(agent.role, EDITOR) else 0,
        "available": is_available(store, agent.id),
        "writes_mail": services().settings.mail.is_on,
        "is_live": not lacks_two_factor(),  # else the event stream refuses them
        "now": store.clock(),
    }


def _count_proposals() -> dict[str, int]:
    store = services().store
    return {"phrasings": count_proposed(store), "drafts": count_drafts(store), "flags": count_flags(store)}


def count_guess() -> None:
    """Counts one try at a password or code of the signed-in agent. Raises Refused when it is one too many.

    Tries at the sign-in page don't count here: whoever is signed in is not to be shut out from there.
    """
    if wait := sign_in_limits().count_inside(current_user.id):
        raise Refused(Kind.TOO_MANY, say_wait(wait))


def forgive_guesses() -> None:
    """It was right: earlier slips count no more."""
    sign_in_limits().forgive_inside(current_user.id)


def say_wait(seconds: int) -> str:
    """For people: that they have tried too often, and for how long."""
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many attempts. Please try again in %(num)s minute.",
        "Too many attempts. Please try again in %(num)s minutes.",
        minutes,
    )


def sign_in_limits() -> SignInLimits:
    """This application's."""
    limits: SignInLimits = current_app.extensions["desk_sign_in_limits"]
    return limits
