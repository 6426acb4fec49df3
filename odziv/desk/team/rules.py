"""The page "Rules": when, if, then; switched on and off, and tried on the last 30 days. For administrators."""

from __future__ import annotations

from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import BeforeValidator, ConfigDict
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.macros.steps import SNOOZES, Named, Steps, load_names
from odziv.cases.refused import Kind, Refused
from odziv.cases.rules import catalogue
from odziv.cases.rules.catalogue import get_rule, list_shared_macros
from odziv.cases.rules.dry_run import DAYS, MOST_LOOKED_AT, MOST_SHOWN, try_rule
from odziv.cases.rules.terms import (
    CHANNELS,
    HOURS,
    SCORES,
    SURE,
    WHENS,
    Actions,
    Conditions,
    Terms,
    find_lost_terms,
    read_terms,
    tell_terms,
)
from odziv.cases.targets import label_priority
from odziv.cases.topics import REASONS
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.desk.team.field_values import read_fields
from odziv.desk.team.macros import Numbers, read_end, write_end
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.labels.labels import list_labels
from odziv.store.rules.rules import Rule, list_rules, raise_rule
from odziv.texts.desk import _, said
from odziv.web.forms import Form, OrNone, Text, Ticked, Trimmed, read_form, to_number
from odziv.web.services import services

RULE = f"/rules/<int(max={LARGEST_ID}):rule_id>"
Chosen = Annotated[str | None, OrNone]
Number = Annotated[int | None, BeforeValidator(lambda value: to_number(value, LARGEST_ID))]


def read_lines(sent: list[str]) -> tuple[str, ...]:
    """The lines of what was typed, without empty ones."""
    return tuple(line.strip() for text in sent for line in text.split("\n") if line.strip())


Lines = Annotated[tuple[str, ...], BeforeValidator(read_lines)]


class RuleForm(Form):
    """A rule. What fields are to hold is sent as `field-<id>`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Trimmed]

    name: Trimmed = ""
    event: str = ""
    hours: Number = None
    site: Chosen = None
    language: Chosen = None
    channel: Chosen = None
    priority: Chosen = None
    reason: Chosen = None
    label: Number = None
    without_label: Number = None
    put_on: Number = None
    changed: Number = None
    given_to: Number = None
    rating: Number = None
    field: Number = None
    value: Trimmed = ""
    words: Lines = ()
    office: Chosen = None
    customer: Chosen = None
    label_on: Numbers = ()
    label_off: Numbers = ()
    set_priority: Chosen = None
    note: Text = ""
    reply: Number = None
    end: str = ""
    macro: Number = None
    tell: Ticked = False

    def terms(self) -> Terms:
        """As the verbs take it."""
        same = ("site", "language", "channel", "priority", "reason", "label", "without_label", "put_on", "changed")
        conditions = Conditions(
            **{
                name: getattr(self, name)
                for name in (*same, "given_to", "rating", "field", "value", "words", "customer")
            },
            hours=self.office,
        )
        steps = Steps(
            labels_on=tuple(dict.fromkeys(self.label_on)),
            labels_off=tuple(dict.fromkeys(self.label_off)),
            fields=read_fields(self.__pydantic_extra__),
            priority=self.set_priority,
            note=self.note,
            reply=self.reply,
            **read_end(self.end),
        )
        actions = Actions(steps=steps, macro=self.macro, tell=self.tell)
        hours = self.hours if self.event == "quiet" else None
        return Terms(event=self.event, hours=hours, conditions=conditions, actions=actions)


@page("/rules", needs=ADMIN)
def show_rules() -> str:
    """All of them, each in words, with how often it did something."""
    named, macros = load_names(services().store, services().settings), list_shared_macros(services().store)
    told = [(rule, *tell_rule(rule, named, macros)) for rule in list_rules(services().store)]
    return show_page("desk/team/rules.html", "rules", rules=told)


@page("/rules/new", needs=ADMIN)
def show_new_rule() -> str:
    """An empty form."""
    return _form(None, "", Terms(event=""))


@action("/rules/new", needs=ADMIN)
def add_rule() -> AnyResponse | tuple[str, int]:
    """Saves a new one, which is off."""
    return _save(None)


@page(RULE, needs=ADMIN)
def show_rule(rule_id: int) -> str:
    """The form with what is saved."""
    rule = get_rule(services().store, rule_id)
    return _form(rule, rule.name, read_terms(rule))


@action(RULE, needs=ADMIN)
def change_rule(rule_id: int) -> AnyResponse | tuple[str, int]:
    """Saves a change."""
    return _save(get_rule(services().store, rule_id))


@page(f"{RULE}/dry-run", needs=ADMIN)
def show_dry_run(rule_id: int) -> str:
    """What it would have met in the last days; nothing is changed."""
    store, settings = services().store, services().settings
    rule = get_rule(store, rule_id)
    when, condition, told, lost = tell_rule(rule, load_names(store, settings), list_shared_macros(store))
    return show_page(
        "desk/team/rule_dry_run.html",
        "rules",
        rule=rule,
        when=when,
        condition=condition,
        told=told,
        lost=lost,
        met=try_rule(store, settings, rule),
        days=DAYS,
        most_shown=MOST_SHOWN,
        most_looked_at=MOST_LOOKED_AT,
    )


@action(f"{RULE}/on", needs=ADMIN)
def switch_rule_on(rule_id: int) -> AnyResponse:
    """It answers to what happens from now on."""
    rule = catalogue.switch_rule(services().store, current_user.agent, rule_id, on=True)
    flash(_("%(name)s is on, for what happens from now on.", name=rule.name))
    return _show_list(rule_id)


@action(f"{RULE}/off", needs=ADMIN)
def switch_rule_off(rule_id: int) -> AnyResponse:
    """It answers to nothing."""
    rule = catalogue.switch_rule(services().store, current_user.agent, rule_id, on=False)
    flash(_("%(name)s is off.", name=rule.name))
    return _show_list(rule_id)


@action(f"{RULE}/up", needs=ADMIN)
def move_rule_up(rule_id: int) -> AnyResponse:
    """It is asked before the one before it."""
    get_rule(services().store, rule_id)
    raise_rule(services().store, rule_id)
    return _show_list(rule_id)


@action(f"{RULE}/delete", needs=ADMIN)
def delete_rule(rule_id: int) -> AnyResponse:
    """Deletes it."""
    rule = catalogue.delete_rule(services().store, current_user.agent, rule_id)
    flash(_("Deleted the rule %(name)s.", name=rule.name))
    return redirect(url_for("desk.show_rules"), 303)


def _show_list(rule_id: int) -> AnyResponse:
    return redirect(url_for("desk.show_rules", _anchor=f"rule-{rule_id}"), 303)


def tell_rule(rule: Rule, named: Named, macros: dict[int, str]) -> tuple[str, str, list[str], list[str]]:
    """When, if, then, and what it names that is gone."""
    try:
        terms = read_terms(rule)
    except Refused as refused:
        return _(WHENS[rule.event]) if rule.event in WHENS else rule.event, "", [], [refused.problem]
    settings = services().settings
    return *tell_terms(terms, settings, named, macros), find_lost_terms(terms, settings, named, macros)


def _save(rule: Rule | None) -> AnyResponse | tuple[str, int]:
    sent = read_form(RuleForm)
    store, settings, rule_id = services().store, services().settings, rule.id if rule else None
    terms = sent.terms()
    try:
        saved = catalogue.save_rule(store, settings, current_user.agent, sent.name, terms, rule_id=rule_id)
    except Refused as refused:
        if refused.kind is Kind.NOT_FOUND:
            raise
        return _form(rule, sent.name, terms, refused.problem), 422
    flash(
        _("Saved: %(name)s. See what it would have met, then switch it on.", name=sent.name)
        if rule is None
        else _("Saved: %(name)s.", name=sent.name)
    )
    return redirect(url_for("desk.show_dry_run", rule_id=saved), 303)


def _form(rule: Rule | None, name: str, terms: Terms, problem: str = "") -> str:
    store, settings = services().store, services().settings
    conditions: dict[str, Any] = {
        "site": (_("Website"), {key: site.name for key, site in settings.sites.items()}),
        "language": (_("Language"), settings.languages),
        "channel": (_("Channel"), said(CHANNELS)),
        "reason": (_("Why a person was wanted"), said(REASONS)),
        "priority": (_("Priority"), {one: label_priority(one).capitalize() for one in PRIORITIES}),
        "customer": (_("Customer"), said(SURE)),
    }
    return show_page(
        "desk/team/rule_form.html",
        "rules",
        rule=rule,
        name=name,
        terms=terms,
        steps=terms.actions.steps,
        end=write_end(terms.actions.steps),
        problem=problem,
        whens=said(WHENS),
        conditions=conditions,
        office=said(HOURS),
        scores=SCORES,
        labels=list_labels(store),
        named=load_names(store, settings),
        macros=list_shared_macros(store),
        priorities=PRIORITIES,
        snoozes=said(SNOOZES),
    )
