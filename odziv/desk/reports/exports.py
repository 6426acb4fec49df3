"""The page "Exports": everything of a span of time, or of a customer, as a file. For administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from flask import Response, flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from pydantic import BeforeValidator
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.customer_data import desk_exports
from odziv.cases.customer_data.all_conversations import Range
from odziv.cases.customer_data.desk_exports import ENDINGS
from odziv.cases.customer_data.whose import Customer, Who, find_customer
from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.customers.exports import KEPT_MS, Exported, list_exports
from odziv.store.engine import iso_time
from odziv.texts.desk import N_, _, spoken
from odziv.texts.moments import say_date
from odziv.web.forms import Form, OrNone, Ticked, Wrong, read_form
from odziv.web.services import services

CUSTOMER = "/conversations/<conversation_id>/export"
TYPES = {"jsonl": "application/x-ndjson", "zip": "application/zip"}


def read_day(value: object) -> int | None:
    """When a day begins, in UTC, milliseconds since 1970; None where none is given. Raises ValueError."""
    if not value:
        return None
    day = date.fromisoformat(str(value))
    return round(datetime.combine(day, time(), UTC).timestamp() * 1000)


NO_DAY = Wrong(Kind.INVALID, N_("That is no day. Please choose one from the calendar, or leave it empty."))
Day = Annotated[int | None, BeforeValidator(read_day), NO_DAY]


class ConversationsForm(Form):
    """Of which site (none: of all), and of those begun from and before which days."""

    site: Annotated[str | None, OrNone] = None
    since: Day = None
    until: Day = None


class CustomerForm(Form):
    """Whether what may be theirs is in it too."""

    also_unsure: Ticked = False


@page("/exports", needs=ADMIN)
def show_exports() -> str:
    """The newest exports, how far each is, and a form for another. To a script, the list alone."""
    shown: dict[str, Any] = {"exports": list_exports(services().store), "kept_ms": KEPT_MS}
    if is_fragment():
        return render_template("desk/reports/_exports.html", **shown)
    return show_page("desk/reports/exports.html", "exports", sites=services().settings.sites, **shown)


@action("/exports", needs=ADMIN)
def begin_export() -> AnyResponse:
    """Begins one of all conversations, or of some."""
    sent = read_form(ConversationsForm)
    if sent.site is not None and sent.site not in services().settings.sites:
        raise Refused(Kind.INVALID, _("There is no such website. Please choose one from the list."))
    desk_exports.begin_conversations(services().store, current_user.agent, Range(sent.site, sent.since, sent.until))
    return _show_begun()


@page(CUSTOMER, needs=ADMIN)
def show_export_plan(conversation_id: str) -> str:
    """What would be in an export of this conversation's customer, and what may be theirs and would not."""
    this = find_or_404(conversation_id).id
    return show_page(
        "desk/reports/customer_export.html", "exports", conversation_id=this, customer=_find(this, unsure=False)
    )


@action(CUSTOMER, needs=ADMIN)
def begin_customer_export(conversation_id: str) -> AnyResponse:
    """Begins it."""
    this = find_or_404(conversation_id).id
    customer = _find(this, unsure=read_form(CustomerForm).also_unsure)
    desk_exports.begin_customer(services().store, current_user.agent, customer, this)
    return _show_begun()


@action("/exports/<export_id>/cancel", needs=ADMIN)
def cancel_export(export_id: str) -> AnyResponse:
    """Ends one in the making, or deletes the file of one that is ready."""
    here = services()
    desk_exports.cancel(here.store, here.settings, current_user.agent, export_id)
    flash(_("It is gone."))
    return redirect(url_for("desk.show_exports"), 303)


@page("/exports/<export_id>/file", needs=ADMIN)
def download_export(export_id: str) -> Response:
    """The file, to be saved."""
    here = services()
    export, path = desk_exports.fetch(here.store, here.settings, current_user.agent, export_id)
    ending = ENDINGS[export.kind]
    response = send_file(path, TYPES[ending], as_attachment=True, download_name=file_name(export), etag=False)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.app_template_filter("export_name")
def file_name(export: Exported) -> str:
    """What the file is called: of what, and when it was begun (UTC). Nothing of a customer."""
    begun = iso_time(export.created_at)[:16].replace(":", "").replace("T", "-")
    return f"odziv-{export.kind}-{begun}.{ENDINGS[export.kind]}"


@blueprint.app_template_filter("utc_day")
def name_day(milliseconds: int) -> str:
    """A day in UTC, as the page's language writes it."""
    return say_date(datetime.fromtimestamp(milliseconds / 1000, UTC).date(), spoken())


def _show_begun() -> AnyResponse:
    flash(_("It has been begun, and goes on also when you leave this page."))
    return redirect(url_for("desk.show_exports"), 303)


def _find(conversation_id: str, *, unsure: bool) -> Customer:
    who = Who(conversation_id=conversation_id)
    return find_customer(services().store, services().settings, who, also_unsure=unsure)
