"""The page "Labels": which there are, in which colours, for which website. For administrators."""

from __future__ import annotations

from typing import Annotated

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.labels import catalogue
from odziv.cases.labels.catalogue import COLOURS, NewLabel
from odziv.cases.topics import list_topics
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.store.labels.labels import count_labelled, list_labels
from odziv.texts.desk import _
from odziv.web.forms import Form, OrNone, Trimmed, read_form
from odziv.web.services import services

LABEL = f"/labels/<int(max={LARGEST_ID}):label_id>"


class LabelForm(Form):
    """A label's name, colour and category; its website counts when it is new."""

    name: Trimmed = ""
    colour: str = ""
    topic: Annotated[str | None, OrNone] = None
    site: str = ""

    def wanted(self) -> NewLabel:
        """As the verbs take it."""
        return NewLabel(self.name, self.colour, self.topic, self.site)


@page("/labels", needs=ADMIN)
def show_labels() -> str:
    """Every label, with how many conversations have it."""
    store, settings = services().store, services().settings
    return show_page(
        "desk/people/labels.html",
        "labels",
        labels=list_labels(store),
        counts=count_labelled(store),
        colours=COLOURS,
        sites=settings.sites,
        topics=list_topics(settings),
    )


@action("/labels", needs=ADMIN)
def create_label() -> AnyResponse:
    """Adds one."""
    wanted = read_form(LabelForm).wanted()
    label = catalogue.add_label(services().store, services().settings, current_user.agent, wanted)
    flash(_("Added: %(name)s.", name=label.name))
    return redirect(url_for("desk.show_labels"), 303)


@action(LABEL, needs=ADMIN)
def save_label(label_id: int) -> AnyResponse:
    """Gives one another name, colour or category."""
    sent = read_form(LabelForm)
    catalogue.change_label(services().store, services().settings, current_user.agent, label_id, sent.wanted())
    flash(_("Saved: %(name)s.", name=sent.name))
    return redirect(url_for("desk.show_labels", _anchor=f"label-{label_id}"), 303)


@action(f"{LABEL}/delete", needs=ADMIN)
def remove_label(label_id: int) -> AnyResponse:
    """Deletes one, and takes it off every conversation."""
    label = catalogue.delete_label(services().store, current_user.agent, label_id)
    flash(_("Deleted the label %(name)s.", name=label.name))
    return redirect(url_for("desk.show_labels"), 303)
