"""What a rule says: when, if, then. Checked when it is saved, and told in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.lists import format_list
from pydantic import BaseModel, ConfigDict, ValidationError

from odziv.cases.macros.steps import Named, Steps, check_steps, find_lost, tell_steps
from odziv.cases.refused import Kind, Refused
from odziv.cases.targets import label_priority
from odziv.cases.topics import label_language, label_reason
from odziv.settings import LOCALES, Settings
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.rules import events
from odziv.store.search.words import fold
from odziv.texts.desk import N_, _, ngettext, number, spoken
from odziv.texts.moments import list_words

WHENS = {
    events.BEGUN: N_("a customer begins a conversation"),
    events.CUSTOMER_WROTE: N_("a customer writes"),
    events.AGENT_WROTE: N_("an agent answers"),
    events.BOT_WROTE: N_("the assistant answers"),
    events.HANDED_OFF: N_("a conversation is handed off to a person"),
    events.ASSIGNED: N_("an agent gets a conversation"),
    events.RESOLVED: N_("a conversation is resolved"),
    events.LABELLED: N_("a label is put on"),
    events.FIELD_CHANGED: N_("a field is filled in, or emptied"),
    events.BOT_RATED: N_("a customer rates the assistant"),
    events.PERSON_RATED: N_("a customer rates the agent"),
    events.QUIET: N_("nothing was said for a time"),
}
CHANNELS = {"widget": N_("Chat"), "mail": N_("E-mail")}
HOURS = {"within": N_("within office hours"), "outside": N_("outside office hours")}
SURE = {
    "verified": N_("the website says who the customer is"),
    "unverified": N_("the website doesn’t say who the customer is"),
}
SCORES = range(1, 6)
# What rules may leave a conversation with.
ENDS = ("resolve", "snooze", "assign")
MOST_HOURS = 24 * 90
MOST_WORDS, LONGEST_WORDS = 50, 2000
LONGEST_TERMS = 8000  # characters of all of it


class Conditions(BaseModel):
    """All that is set has to hold. `label` is one it has, `put_on` the one that was put on, `changed` the field that
    was filled in or emptied, `given_to` the agent who got it; it was rated `rating` or lower; `words` are phrases of
    which one has to be in what was said; `hours` is one of HOURS, `customer` one of SURE."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str | None = None
    language: str | None = None
    channel: str | None = None
    priority: str | None = None
    reason: str | None = None
    label: int | None = None
    without_label: int | None = None
    put_on: int | None = None
    changed: int | None = None
    given_to: int | None = None
    rating: int | None = None
    field: int | None = None
    value: str = ""
    words: tuple[str, ...] = ()
    hours: str | None = None
    customer: str | None = None


class Actions(BaseModel):
    """What is done: `steps` (their reply is sent as an automatic message), those of a macro but for its reply, and
    whether other programs are told (`tell`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: Steps = Steps()
    macro: int | None = None
    tell: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be done."""
        return self == Actions()


class Terms(BaseModel):
    """A rule as it was typed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    hours: int | None = None
    conditions: Conditions = Conditions()
    actions: Actions = Actions()

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "event": self.event,
            "hours": self.hours,
            "conditions": self.conditions.model_dump(exclude_defaults=True),
            "actions": self.actions.model_dump(exclude_defaults=True),
        }


def read_terms(rule: Any) -> Terms:
    """Of a Rule. Raises Refused for what another version had kept otherwise."""
    try:
        return Terms.model_validate(
            {"event": rule.event, "hours": rule.hours, "conditions": rule.conditions, "actions": rule.actions}
        )
    except ValidationError as error:
        raise Refused(Kind.CONFLICT, _("This was made with another version. Please save it anew.")) from error


def check_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> None:
    """Raises Refused, with a sentence, for a rule that can't be kept so."""
    if terms.event not in WHENS:
        raise Refused(Kind.INVALID, _("Please choose from the list when the rule is asked."))
    if terms.event == events.QUIET and not 1 <= (terms.hours or 0) <= MOST_HOURS:
        raise Refused(
            Kind.UNFIT, _("Not saved: please say for how many hours, from 1 to %(most)s.", most=number(MOST_HOURS))
        )
    _check_conditions(terms.conditions, settings)
    steps = terms.actions.steps
    if terms.actions.is_empty:
        raise Refused(Kind.UNFIT, _("Not saved: please choose what the rule does."))
    if steps.end is not None and steps.end not in ENDS:
        raise Refused(Kind.INVALID, _("Not saved: a rule can resolve, snooze or give a conversation to somebody."))
    if not steps.is_empty:
        check_steps(steps, named)
    if lost := find_lost_terms(terms, settings, named, macros):
        raise Refused(Kind.CONFLICT, _("Not saved: %(lost)s", lost=lost[0]))
    if len(terms.model_dump_json()) > LONGEST_TERMS:
        raise Refused(
            Kind.UNFIT, _("Not saved: all of a rule together can have %(most)s characters.", most=number(LONGEST_TERMS))
        )


def _check_conditions(conditions: Conditions, settings: Settings) -> None:
    offered = {
        conditions.language: settings.languages,
        conditions.channel: CHANNELS,
        conditions.priority: PRIORITIES,
        conditions.hours: HOURS,
        conditions.customer: SURE,
        conditions.rating: SCORES,
    }
    if any(value is not None and value not in choices for value, choices in offered.items()):
        raise Refused(Kind.INVALID, _("Please choose from the lists."))
    if len(conditions.words) > MOST_WORDS or sum(map(len, conditions.words)) > LONGEST_WORDS:
        told = _(
            "Not saved: the words to look for can have %(lines)s lines, and %(most)s characters.",
            lines=MOST_WORDS,
            most=number(LONGEST_WORDS),
        )
        raise Refused(Kind.UNFIT, told)
    if any(not fold(phrase) for phrase in conditions.words):
        raise Refused(Kind.UNFIT, _("Not saved: each line of words needs a letter or a digit."))


def find_lost_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> list[str]:
    """What the rule names that there isn't any more, each in a sentence."""
    conditions, lost = terms.conditions, find_lost(terms.actions.steps, named)
    asked = {conditions.label, conditions.without_label, conditions.put_on} - {None}
    if asked - named.labels.keys():
        lost.append(_("a label it asks for is deleted."))
    if {conditions.field, conditions.changed} - {None} - named.fields.keys():
        lost.append(_("a field it asks for is archived."))
    if conditions.given_to is not None and conditions.given_to not in named.agents:
        lost.append(_("the agent it asks for has no account any more."))
    if conditions.site is not None and conditions.site not in settings.sites:
        lost.append(_("there is no website %(site)s any more.", site=conditions.site))
    if terms.actions.macro is not None and terms.actions.macro not in macros:
        lost.append(_("the macro it runs is deleted."))
    return lost


def tell_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> tuple[str, str, list[str]]:
    """When, if and then, each as the end of a sentence; what it does is a list of them."""
    when = _(WHENS[terms.event]) if terms.event in WHENS else terms.event
    if terms.event == events.QUIET:
        when = ngettext(
            "nothing was said for %(num)s hour, with a person or waiting for one",
            "nothing was said for %(num)s hours, with a person or waiting for one",
            terms.hours or 0,
        )
    actions = terms.actions
    told = tell_steps(actions.steps, named, is_rule=True)
    if actions.macro is not None:
        name = macros.get(actions.macro) or _("one that is deleted")
        told.append(_("Does what the macro %(name)s does, but for its reply.", name=name))
    if actions.tell:
        told.append(_("Tells other programs (webhooks)."))
    return when, list_words(_tell_conditions(terms.conditions, settings, named), spoken()), told


def _tell_conditions(conditions: Conditions, settings: Settings, named: Named) -> list[str]:
    told = []
    if conditions.site is not None:
        site = settings.sites.get(conditions.site)
        told.append(_("the website is %(site)s", site=site.name if site else conditions.site))
    if conditions.language is not None:
        told.append(_("it is in %(language)s", language=label_language(conditions.language)))
    if conditions.channel is not None:
        told.append(_("it came by e-mail") if conditions.channel == "mail" else _("it came by chat"))
    if conditions.priority is not None:
        told.append(_("its priority is %(priority)s", priority=label_priority(conditions.priority)))
    if conditions.reason is not None:
        told.append(_("the reason of the handoff is “%(reason)s”", reason=label_reason(conditions.reason)))
    gone = _("one that is deleted")
    if conditions.label is not None:
        told.append(_("it has the label %(name)s", name=named.labels.get(conditions.label, gone)))
    if conditions.without_label is not None:
        told.append(_("it doesn’t have the label %(name)s", name=named.labels.get(conditions.without_label, gone)))
    told += _tell_what_happened(conditions, named)
    if conditions.field is not None:
        field = named.fields.get(conditions.field)
        name = field.name if field else _("one that is archived")
        if conditions.value:
            told.append(_("the field %(name)s holds “%(value)s”", name=name, value=conditions.value))
        else:
            told.append(_("the field %(name)s is filled in", name=name))
    if conditions.words:
        phrases = [_("“%(text)s”", text=phrase) for phrase in conditions.words]
        told.append(_("it says %(phrases)s", phrases=format_list(phrases, "or", locale=LOCALES[spoken()])))
    told += [_(words[value]) for words, value in ((HOURS, conditions.hours), (SURE, conditions.customer)) if value]
    return told


def _tell_what_happened(conditions: Conditions, named: Named) -> list[str]:
    told = []
    if conditions.put_on is not None:
        told.append(_("the label is %(name)s", name=named.labels.get(conditions.put_on, _("one that is deleted"))))
    if conditions.changed is not None:
        field = named.fields.get(conditions.changed)
        told.append(_("the field is %(name)s", name=field.name if field else _("one that is archived")))
    if conditions.given_to is not None:
        name = named.agents.get(conditions.given_to) or _("somebody who has no account any more")
        told.append(_("it goes to %(name)s", name=name))
    if conditions.rating is not None:
        told.append(_("the rating is %(most)s or lower", most=conditions.rating))
    return told
