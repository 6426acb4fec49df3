"""The page "Macros": an agent's own, and everybody's, which administrators keep."""

from __future__ import annotations

from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator, ConfigDict
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.macros import catalogue
from odziv.cases.macros.catalogue import get_macro, may_change
from odziv.cases.macros.steps import SNOOZES, Steps, find_lost, load_names, read_steps, tell_steps
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.desk.team.field_values import read_fields
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.labels.labels import list_labels
from odziv.store.macros.macros import Macro, list_macros
from odziv.texts.desk import _, said
from odziv.web.forms import Form, OrNone, Text, Ticked, Trimmed, read_form, to_number
from odziv.web.services import services

MACRO = f"/macros/<int(max={LARGEST_ID}):macro_id>"


def read_end(value: str) -> dict[str, Any]:
    """What happens at the end, as the list of the form has it: `resolve`, `snooze.week`, `assign.7`, `queue.orders`."""
    end, _, more = value.partition(".")
    return {
        "end": end or None,
        "snooze": more if end == "snooze" else None,
        "to": (to_number(more, LARGEST_ID) or 0) if end == "assign" else None,
        "topic": (more or None) if end == "queue" else None,
    }


def write_end(steps: Steps) -> str:
    """The same the other way round."""
    more = {"snooze": steps.snooze, "assign": steps.to, "queue": steps.topic}.get(steps.end or "")
    return f"{steps.end or ''}{f'.{more}' if more else ''}"


Numbers = Annotated[
    tuple[int, ...], BeforeValidator(lambda sent: tuple(to_number(one, LARGEST_ID) or 0 for one in sent))
]


class MacroForm(Form):
    """A macro's name, whether everybody has it, and its steps. What fields are to hold is sent as `field-<id>`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Trimmed]
    name: Trimmed = ""
    shared: Ticked = False
    label_on: Numbers = ()
    label_off: Numbers = ()
    priority: Annotated[str | None, OrNone] = None
    note: Text = ""
    reply: str = ""
    end: str = ""

    def steps(self) -> Steps:
        """As the verbs take them."""
        return Steps(
            labels_on=tuple(dict.fromkeys(self.label_on)),
            labels_off=tuple(dict.fromkeys(self.label_off)),
            fields=read_fields(self.__pydantic_extra__),
            priority=self.priority,
            note=self.note,
            reply=to_number(self.reply, LARGEST_ID),
            **read_end(self.end),
        )


@page("/macros", needs=AGENT)
def show_macros() -> str:
    """Everybody's and the agent's own, each with what it does."""
    store, agent = services().store, current_user.agent
    named = load_names(store, services().settings)
    told = [(macro, *_tell(macro, named), may_change(agent, macro)) for macro in list_macros(store, agent.id)]
    groups = [
        (_("For everybody"), [one for one in told if one[0].is_shared]),
        (_("Your own"), [one for one in told if not one[0].is_shared]),
    ]
    return show_page("desk/team/macros.html", "macros", groups=groups)


@page("/macros/new", needs=AGENT)
def show_new_macro() -> str:
    """An empty form."""
    return _form(None, MacroForm.model_validate({}))


@action("/macros/new", needs=AGENT)
def add_macro() -> AnyResponse | tuple[str, int]:
    """Saves a new one; with a sentence, and the form as it was filled in, where something is wrong."""
    return _save(None)


@page(MACRO, needs=AGENT)
def show_macro(macro_id: int) -> str:
    """The form with what is saved."""
    macro = _find_own(macro_id)
    steps = read_steps(macro.steps)
    sent = MacroForm.model_validate(
        {
            "name": macro.name,
            "label_on": tuple(map(str, steps.labels_on)),
            "label_off": tuple(map(str, steps.labels_off)),
            **{f"field-{field_id}": text for field_id, text in steps.fields.items()},
            "priority": steps.priority,
            "note": steps.note,
            "reply": str(steps.reply or ""),
            "end": write_end(steps),
        }
    )
    return _form(macro, sent.model_copy(update={"shared": macro.is_shared}))


@action(MACRO, needs=AGENT)
def change_macro(macro_id: int) -> AnyResponse | tuple[str, int]:
    """Saves a change."""
    return _save(_find_own(macro_id))


@action(f"{MACRO}/delete", needs=AGENT)
def delete_macro(macro_id: int) -> AnyResponse:
    """Deletes it."""
    macro = catalogue.delete_macro(services().store, current_user.agent, macro_id)
    flash(_("Deleted the macro %(name)s.", name=macro.name))
    return redirect(url_for("desk.show_macros"), 303)


@action(f"{MACRO}/up", needs=AGENT)
def raise_macro(macro_id: int) -> AnyResponse:
    """Puts it before the one before it."""
    catalogue.raise_macro(services().store, current_user.agent, macro_id)
    return redirect(url_for("desk.show_macros", _anchor=f"macro-{macro_id}"), 303)


def _find_own(macro_id: int) -> Macro:
    macro = get_macro(services().store, current_user.agent, macro_id)
    if not may_change(current_user.agent, macro):
        raise Refused(Kind.FORBIDDEN, _("This macro is everybody’s. An administrator can change it."))
    return macro


def _tell(macro: Macro, named: Any) -> tuple[list[str], list[str]]:
    """What it does, and what it names that is gone."""
    try:
        steps = read_steps(macro.steps)
    except Refused as refused:
        return [], [refused.problem]
    return tell_steps(steps, named), find_lost(steps, named)


def _save(macro: Macro | None) -> AnyResponse | tuple[str, int]:
    sent = read_form(MacroForm)
    store, settings, macro_id = services().store, services().settings, macro.id if macro else None
    try:
        catalogue.save_macro(
            store, settings, current_user.agent, sent.name, sent.steps(), shared=sent.shared, macro_id=macro_id
        )
    except Refused as refused:
        if refused.kind in (Kind.FORBIDDEN, Kind.NOT_FOUND):
            raise
        return _form(macro, sent, refused.problem), 422
    flash(_("Saved: %(name)s.", name=sent.name))
    return redirect(url_for("desk.show_macros"), 303)


def _form(macro: Macro | None, sent: MacroForm, problem: str = "") -> str:
    named = load_names(services().store, services().settings)
    return show_page(
        "desk/team/macro_form.html",
        "macros",
        macro=macro,
        sent=sent,
        problem=problem,
        labels=list_labels(services().store),
        named=named,
        priorities=PRIORITIES,
        snoozes=said(SNOOZES),
        held=sent.steps().fields,
        may_share=current_user.agent.role == "admin",
    )
