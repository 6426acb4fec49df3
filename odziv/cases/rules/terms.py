"""What a rule says: when, if, then. Checked when it is saved, and told in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from odziv.cases.macros.steps import Named, Steps, check_steps, find_lost, tell_steps
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_language
from odziv.settings import Settings
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.rules import events
from odziv.store.search.words import fold

WHENS = {
    events.BEGUN: "a customer begins a conversation",
    events.CUSTOMER_WROTE: "a customer writes",
    events.AGENT_WROTE: "an agent answers",
    events.BOT_WROTE: "the assistant answers",
    events.HANDED_OFF: "a conversation is handed off to a person",
    events.RESOLVED: "a conversation is resolved",
    events.LABELLED: "a label is put on",
    events.QUIET: "nothing was said for a time",
}
CHANNELS = {"widget": "Chat", "mail": "E-mail"}
HOURS = {"within": "within office hours", "outside": "outside office hours"}
SURE = {"verified": "the website says who the customer is", "unverified": "the website doesn’t say who the customer is"}
# What rules may leave a conversation with.
ENDS = ("resolve", "snooze", "assign")
MOST_HOURS = 24 * 90
MOST_WORDS, LONGEST_WORDS = 50, 2000
LONGEST_TERMS = 8000  # characters of all of it


class Conditions(BaseModel):
    """All that is set has to hold. `label` is one it has, `put_on` the one that was put on; `words` are phrases of
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
        raise Refused(Kind.CONFLICT, "This was made with another version. Please save it anew.") from error


def check_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> None:
    """Raises Refused, with a sentence, for a rule that can't be kept so."""
    if terms.event not in WHENS:
        raise Refused(Kind.INVALID, "Please choose from the list when the rule is asked.")
    if terms.event == events.QUIET and not 1 <= (terms.hours or 0) <= MOST_HOURS:
        raise Refused(Kind.UNFIT, f"Not saved: please say for how many hours, from 1 to {MOST_HOURS:,}.")
    _check_conditions(terms.conditions, settings)
    steps = terms.actions.steps
    if terms.actions.is_empty:
        raise Refused(Kind.UNFIT, "Not saved: please choose what the rule does.")
    if steps.end is not None and steps.end not in ENDS:
        raise Refused(Kind.INVALID, "Not saved: a rule can resolve, snooze or give a conversation to somebody.")
    if not steps.is_empty:
        check_steps(steps, named)
    if lost := find_lost_terms(terms, settings, named, macros):
        raise Refused(Kind.CONFLICT, f"Not saved: {lost[0]}")
    if len(terms.model_dump_json()) > LONGEST_TERMS:
        raise Refused(Kind.UNFIT, f"Not saved: all of a rule together can have {LONGEST_TERMS:,} characters.")


def _check_conditions(conditions: Conditions, settings: Settings) -> None:
    offered = {
        conditions.language: settings.languages,
        conditions.channel: CHANNELS,
        conditions.priority: PRIORITIES,
        conditions.hours: HOURS,
        conditions.customer: SURE,
    }
    if any(value is not None and value not in choices for value, choices in offered.items()):
        raise Refused(Kind.INVALID, "Please choose from the lists.")
    if len(conditions.words) > MOST_WORDS or sum(map(len, conditions.words)) > LONGEST_WORDS:
        most = f"{MOST_WORDS} lines, and {LONGEST_WORDS:,} characters"
        raise Refused(Kind.UNFIT, f"Not saved: the words to look for can have {most}.")
    if any(not fold(phrase) for phrase in conditions.words):
        raise Refused(Kind.UNFIT, "Not saved: each line of words needs a letter or a digit.")


def find_lost_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> list[str]:
    """What the rule names that there isn't any more, each in a sentence."""
    conditions, lost = terms.conditions, find_lost(terms.actions.steps, named)
    asked = {conditions.label, conditions.without_label, conditions.put_on} - {None}
    if asked - named.labels.keys():
        lost.append("a label it asks for is deleted.")
    if conditions.field is not None and conditions.field not in named.fields:
        lost.append("a field it asks for is archived.")
    if conditions.site is not None and conditions.site not in settings.sites:
        lost.append(f"there is no website {conditions.site} any more.")
    if terms.actions.macro is not None and terms.actions.macro not in macros:
        lost.append("the macro it runs is deleted.")
    return lost


def tell_terms(terms: Terms, settings: Settings, named: Named, macros: Mapping[int, str]) -> tuple[str, str, list[str]]:
    """When, if and then, each as the end of a sentence; what it does is a list of them."""
    when = WHENS.get(terms.event, terms.event)
    if terms.event == events.QUIET:
        when = f"nothing was said for {terms.hours} hour{'s'[terms.hours == 1 :]}, with a person or waiting for one"
    actions = terms.actions
    told = [_tell_reply(each) for each in tell_steps(actions.steps, named)]
    if actions.macro is not None:
        told.append(f"Does what the macro {macros.get(actions.macro, 'that is deleted')} does, but for its reply.")
    if actions.tell:
        told.append("Tells other programs (webhooks).")
    return when, " and ".join(_tell_conditions(terms.conditions, settings, named)), told


def _tell_reply(sentence: str) -> str:
    return sentence.replace("Sends the customer the saved reply", "Sends, marked as automatic, the saved reply")


def _tell_conditions(conditions: Conditions, settings: Settings, named: Named) -> list[str]:
    told = []
    if conditions.site is not None:
        site = settings.sites.get(conditions.site)
        told.append(f"the website is {site.name if site else conditions.site}")
    if conditions.language is not None:
        told.append(f"it is in {label_language(conditions.language)}")
    if conditions.channel is not None:
        told.append(f"it came by {CHANNELS.get(conditions.channel, conditions.channel).lower()}")
    if conditions.priority is not None:
        told.append(f"its priority is {conditions.priority}")
    if conditions.reason is not None:
        told.append(f"the reason of the handoff is “{conditions.reason.replace('_', ' ')}”")
    for words, label in (("has", conditions.label), ("doesn’t have", conditions.without_label)):
        if label is not None:
            told.append(f"it {words} the label {named.labels.get(label, 'that is deleted')}")
    if conditions.put_on is not None:
        told.append(f"the label is {named.labels.get(conditions.put_on, 'one that is deleted')}")
    if conditions.field is not None:
        field = named.fields.get(conditions.field)
        holds = f"holds “{conditions.value}”" if conditions.value else "is filled in"
        told.append(f"the field {field.name if field else 'that is archived'} {holds}")
    if conditions.words:
        told.append(f"it says {' or '.join(f'“{phrase}”' for phrase in conditions.words)}")
    told += [words[value] for words, value in ((HOURS, conditions.hours), (SURE, conditions.customer)) if value]
    return told
