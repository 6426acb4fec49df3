"""Saved views: kept from the present address, renamed, shared and deleted."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.conversations import views
from odziv.desk.finding.address import ConversationsAddress
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT, action
from odziv.texts.desk import _
from odziv.web.forms import Form, Ticked, Trimmed, read, read_form
from odziv.web.services import services

VIEW = f"/views/<int(max={LARGEST_ID}):view_id>"


class FiltersForm(Form):
    """The filters of the list, as in an address."""

    filters: str = ""

    def query(self) -> str:
        """The filters as the page writes them, whatever was sent."""
        pairs = parse_qsl(self.filters[: views.LONGEST_FILTERS + 1], max_num_fields=100)
        return read(ConversationsAddress, MultiDict(pairs)).query()


class ViewForm(FiltersForm):
    """A view's name, its filters, and whether everybody sees it."""

    name: Trimmed = ""
    shared: Ticked = False


@action("/views", needs=AGENT)
def save_view() -> AnyResponse:
    """Keeps the present filters under a name."""
    sent = read_form(ViewForm)
    views.save_view(services().store, current_user.agent, sent.name, sent.query(), shared=sent.shared)
    flash(_("Saved: %(name)s.", name=sent.name))
    return show_list(sent.query())


@action(VIEW, needs=AGENT)
def change_view(view_id: int) -> AnyResponse:
    """Renames it, or has everybody see it or its owner alone."""
    sent = read_form(ViewForm)
    views.change_view(services().store, current_user.agent, view_id, sent.name, sent.query(), shared=sent.shared)
    flash(_("Saved: %(name)s.", name=sent.name))
    return show_list(sent.query())


@action(f"{VIEW}/delete", needs=AGENT)
def delete_view(view_id: int) -> AnyResponse:
    """Deletes it; what it shows stays open."""
    view = views.delete_view(services().store, current_user.agent, view_id)
    flash(_("Deleted the view %(name)s.", name=view.name))
    return show_list(view.query)


def show_list(query: str) -> AnyResponse:
    """Back to the list with these filters."""
    return redirect(f"{url_for('desk.show_conversations')}?{query}", 303)
