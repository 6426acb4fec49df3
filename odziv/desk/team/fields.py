"""The page "Fields": what is to be known of customers and conversations. For administrators."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.fields import catalogue
from odziv.cases.fields.catalogue import ABOUT, KINDS, NewField, get_field
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.fields.fields import count_filled, list_fields, raise_field
from odziv.texts.desk import _, said
from odziv.web.forms import Form, Text, Ticked, Trimmed, read_form
from odziv.web.services import services

FIELD = f"/fields/<int(max={LARGEST_ID}):field_id>"


class FieldForm(Form):
    """A field; what it is about, its kind and its website count when it is new. A line is a choice."""

    name: Trimmed = ""
    about: str = ""
    kind: str = ""
    choices: Text = ""
    required: Ticked = False
    site: str = ""

    def wanted(self) -> NewField:
        """As the verbs take it."""
        return NewField(self.name, self.about, self.kind, tuple(self.choices.split("\n")), self.required, self.site)


@page("/fields", needs=ADMIN)
def show_fields() -> str:
    """Every field, those that are archived last, with how many conversations have something in it."""
    store = services().store
    return show_page(
        "desk/team/fields.html",
        "fields",
        fields=sorted(list_fields(store, archived=True), key=lambda field: field.is_archived),
        counts=count_filled(store),
        about=said(ABOUT),
        kinds=said(KINDS),
        sites=services().settings.sites,
    )


@action("/fields", needs=ADMIN)
def create_field() -> AnyResponse:
    """Adds one."""
    wanted = read_form(FieldForm).wanted()
    catalogue.add_field(services().store, services().settings, current_user.agent, wanted)
    flash(_("Added: %(name)s.", name=wanted.name))
    return redirect(url_for("desk.show_fields"), 303)


@action(FIELD, needs=ADMIN)
def save_field(field_id: int) -> AnyResponse:
    """Gives one another name, other choices, or makes it required."""
    wanted = read_form(FieldForm).wanted()
    catalogue.change_field(services().store, current_user.agent, field_id, wanted)
    flash(_("Saved: %(name)s.", name=wanted.name))
    return redirect(url_for("desk.show_fields", _anchor=f"field-{field_id}"), 303)


@action(f"{FIELD}/up", needs=ADMIN)
def move_field_up(field_id: int) -> AnyResponse:
    """Puts one before the one before it."""
    get_field(services().store, field_id)
    raise_field(services().store, field_id)
    return redirect(url_for("desk.show_fields", _anchor=f"field-{field_id}"), 303)


@action(f"{FIELD}/archive", needs=ADMIN)
def put_field_away(field_id: int) -> AnyResponse:
    """Has one offered no more; what is known stays."""
    field = catalogue.archive_field(services().store, current_user.agent, field_id, archived=True)
    flash(_("Archived the field %(name)s. What is known stays.", name=field.name))
    return redirect(url_for("desk.show_fields"), 303)


@action(f"{FIELD}/restore", needs=ADMIN)
def restore_field(field_id: int) -> AnyResponse:
    """Has one offered again."""
    field = catalogue.archive_field(services().store, current_user.agent, field_id, archived=False)
    flash(_("%(name)s is offered again.", name=field.name))
    return redirect(url_for("desk.show_fields"), 303)
