"""Every change of the settings at the desk, with what was before; each can be taken back. For administrators."""

from __future__ import annotations

from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.settings.changing import undo_change
from odziv.cases.settings.wording import say_problem
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.desk.settings.fields import begin_large
from odziv.settings.offered import write_key
from odziv.settings.wrong import Problem
from odziv.store.settings.changes import list_changes
from odziv.texts.desk import _
from odziv.web.forms import Form, read_address, to_number
from odziv.web.services import services

PAGE_SIZE = 50
MOST_SHOWN = 300  # characters of a value


class HistoryPage(Form):
    """Before which change."""

    before: Annotated[int | None, BeforeValidator(lambda value: to_number(value, LARGEST_ID))] = None


@page("/settings/history", needs=ADMIN)
def show_history() -> str:
    """The changes, the newest first, 50 a page."""
    found = list_changes(services().store, before=read_address(HistoryPage).before, limit=PAGE_SIZE + 1)
    older = found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None
    return show_page(
        "desk/settings/history.html", "settings", section="history", changes=found[:PAGE_SIZE], older=older
    )


@action(f"/settings/history/<int(max={LARGEST_ID}):change_id>/undo", needs=ADMIN)
def undo_settings(change_id: int) -> AnyResponse:
    """Puts back what held before a change."""
    follower = services().settings_follower
    undone = undo_change(services().store, follower.base, current_user.agent, change_id)
    follower.look()
    flash(_("Taken back, and in force.") if undone else _("Nothing was changed: all is as it was before already."))
    return redirect(url_for("desk.show_history"), 303)


@blueprint.app_template_filter("setting_key")
def label_key(key: str) -> str:
    """The setting as config.yml has it."""
    return write_key(key)


@blueprint.app_template_filter("left_out_label")
def label_left_out(why: Problem) -> str:
    """Why a value does not count."""
    return begin_large(say_problem(why))


@blueprint.app_template_filter("setting_value")
def label_value(value: Any) -> str:
    """A value on one line, shortened; a dash for none."""
    if value is None or value == "" or value == []:
        return "–"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
