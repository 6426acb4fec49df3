"""The page "Settings" and those of its sections. For administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Refused
from odziv.cases.retention.plan import plan_retention
from odziv.cases.settings.changing import Unfit, change_settings, forget_value, try_settings
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.desk.settings.context import context_of
from odziv.desk.settings.fields import SettingsForm, Shown
from odziv.settings.offered import ONLY_IN_FILE, SECTIONS, find_section
from odziv.store.agents.agent import Agent
from odziv.texts.desk import _
from odziv.web.forms import Form, Trimmed, read_form
from odziv.web.services import services

PAGES = [section for section in SECTIONS if section != "sites"]


class Forgotten(Form):
    """A value that does not count any more."""

    key: Trimmed = ""


@page("/settings", needs=ADMIN)
def show_settings() -> str:
    """The sections, what does not count, and what only config.yml may say."""
    left_out = services().settings_follower.left_out
    return show_page("desk/settings/overview.html", "settings", left_out=left_out, only_in_file=ONLY_IN_FILE)


@action("/settings/forget", needs=ADMIN)
def forget_setting() -> AnyResponse:
    """Takes away what does not count any more."""
    key = read_form(Forgotten).key
    forget_value(services().store, current_user.agent, key)
    services().settings_follower.look()
    flash(_("Taken away: %(key)s.", key=key.replace("/", ".")))
    return redirect(url_for("desk.show_settings"), 303)


@page("/settings/<section>", needs=ADMIN)
def show_section(section: str) -> str:
    """One section's form."""
    if section not in PAGES:
        abort(404)
    return _show(section, Shown(services().settings))


@action("/settings/<section>", needs=ADMIN)
def save_section(section: str) -> AnyResponse | tuple[str, int]:
    """Saves what was changed in it."""
    if section not in PAGES:
        abort(404)
    refused = save(lambda key: find_section(key) == section)
    if refused:
        shown, status = refused
        return _show(section, shown), status
    return redirect(url_for("desk.show_section", section=section), 303)


@action("/settings/retention/try", needs=ADMIN)
def try_retention() -> str | tuple[str, int]:
    """What would be deleted if the fields held; nothing is saved."""
    sent, store = read_form(SettingsForm), services().store
    wanted = sent.wanted(lambda key: find_section(key) == "retention")
    try:
        would_be = try_settings(store, services().settings_follower.base, wanted)
    except Unfit as unfit:
        return _show("retention", Shown(services().settings, wanted, unfit.problems)), 422
    return _show("retention", Shown(services().settings, wanted), plan=list(plan_retention(store, would_be)))


def save(may_have: Callable[[str], bool]) -> tuple[Shown, int] | None:
    """Saves what the form changed of the settings it may have, and says so; or returns what to show again."""
    sent = read_form(SettingsForm)
    wanted = sent.wanted(may_have)
    follower, agent = services().settings_follower, current_user.agent
    try:
        saved = change_settings(services().store, follower.base, agent, wanted, seen=sent.edition)
    except Unfit as unfit:
        return Shown(services().settings, wanted, unfit.problems), 422
    except Refused as refused:
        follower.look()
        return Shown(services().settings, wanted, {"": refused.problem}), 409
    follower.look()
    flash(_("Saved, and in force.") if saved else _("Nothing was changed."))
    return None


def change(agent: Agent, wanted: dict[str, object], seen: int) -> None:
    """Changes these, and has this process follow at once. Raises Refused."""
    follower = services().settings_follower
    change_settings(services().store, follower.base, agent, wanted, seen=seen)
    follower.look()


def _show(section: str, shown: Shown, **more: Any) -> str:
    about = {**context_of(section), **more}
    return show_page(f"desk/settings/{section}.html", "settings", section=section, shown=shown, **about)
