"""What programs send about what is kept at the desk. What is changed is sent whole."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.customers.customer_details import clean_line, clean_text
from odziv.cases.fields.catalogue import ABOUT, KINDS, MOST_CHOICES, NewField
from odziv.cases.labels.catalogue import COLOURS, NewLabel
from odziv.cases.macros.steps import ENDS, MOST_LABELS_IN_STEPS, SNOOZES, Steps
from odziv.cases.rules import terms
from odziv.cases.rules.terms import CHANNELS, HOURS, MOST_HOURS, MOST_WORDS, SURE, WHENS, Terms
from odziv.cases.saved_replies.catalogue import LONGEST_TEXT, SHORTCUT, NewReply
from odziv.desk.api.bodies import LARGEST_ID, Body, ClientId, Number, Query, clean_words, whole
from odziv.settings import Language
from odziv.store.fields.fields import MOST_FIELDS
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.lengths import (
    LONGEST_ARTICLE,
    LONGEST_FIELD_NAME,
    LONGEST_FIELD_VALUE,
    LONGEST_LABEL,
    LONGEST_MACRO_NAME,
    LONGEST_REPLY_NAME,
    LONGEST_RULE_NAME,
    LONGEST_SITE,
    LONGEST_TOPIC,
    LONGEST_VIEW_NAME,
    LONGEST_WANTED,
)
from odziv.store.rules.events import QUIET
from odziv.store.search.entries import KINDS as ENTRIES
from odziv.store.search.filters import STATES
from odziv.store.search.listing import ORDERS

Id = Annotated[int, BeforeValidator(whole), Field(ge=1, le=LARGEST_ID)]
Ids = Annotated[list[Id], Field(max_length=MOST_LABELS_IN_STEPS)]
Site = Annotated[str, Field(min_length=1, max_length=LONGEST_SITE)]
Topic = Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC)]
Line = Annotated[str, AfterValidator(clean_line), AfterValidator(clean_words)]
Value = Annotated[str, Field(max_length=LONGEST_FIELD_VALUE), AfterValidator(clean_line)]
Priority = Literal[*PRIORITIES]  # type: ignore[valid-type]


def check_day(text: str) -> str:
    """Raises ValueError for one that no calendar has."""
    date.fromisoformat(text)
    return text


class Made(Body):
    """Something new, under an id the program chose."""

    client_id: ClientId


class Placed(Body):
    """Before which other one something stands; null: last."""

    before: Id | None


class LabelKept(Body):
    """A label's name, its colour, and for which category it is proposed."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_LABEL)]
    colour: Literal[*COLOURS]  # type: ignore[valid-type]
    topic: Topic | None = None

    def wanted(self) -> NewLabel:
        """As the verbs take it."""
        return NewLabel(self.name, self.colour, self.topic, getattr(self, "site", None) or "")


class LabelMade(Made, LabelKept):
    """A new one; null as site: for every site."""

    site: Site | None = None


Choices = Annotated[
    list[Annotated[Line, Field(min_length=1, max_length=LONGEST_FIELD_VALUE)]], Field(max_length=MOST_CHOICES)
]


class FieldKept(Body):
    """A field's name, its choices where it has some, and whether a conversation needs it to be resolved."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_FIELD_NAME)]
    choices: Choices = []
    required: bool = False

    def wanted(self) -> NewField:
        """As the verbs take it."""
        return NewField(self.name, choices=tuple(self.choices), required=self.required)


class FieldMade(Made, FieldKept):
    """A new one; null as site: for every site."""

    about: Literal[*ABOUT]  # type: ignore[valid-type]
    kind: Literal[*KINDS]  # type: ignore[valid-type]
    site: Site | None = None

    def wanted(self) -> NewField:
        """As the verbs take it."""
        return NewField(self.name, self.about, self.kind, tuple(self.choices), self.required, self.site or "")


class ReplyKept(Body):
    """A saved reply: its shortcut, name, and Markdown by language."""

    shortcut: Annotated[str, Field(pattern=rf"^{SHORTCUT.pattern}$")]
    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_REPLY_NAME)]
    texts: Annotated[
        dict[Language, Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(clean_words)]],
        Field(min_length=1),
    ]

    def wanted(self) -> NewReply:
        """As the verbs take it."""
        return NewReply(self.shortcut, self.name, {str(language): text for language, text in self.texts.items()})


class ReplyMade(Made, ReplyKept):
    """A new one."""


class ReplyChanged(ReplyKept):
    """The version that the program has read."""

    version: Annotated[int, BeforeValidator(whole), Field(ge=1, le=999_999_999)]


class FieldsQuery(Query):
    """Whether those that are offered no more are wanted too."""

    archived: Literal["true", "false"] = "false"


class FilledIn(Body):
    """What a field is to hold; "" empties it."""

    field: Id
    value: Value


class StepsBody(Body):
    """What a macro does. `snooze` goes with the end "snooze", `to` with "assign", `topic` with "queue"."""

    labels_on: Ids = []
    labels_off: Ids = []
    fields: Annotated[list[FilledIn], Field(max_length=MOST_FIELDS)] = []
    priority: Priority | None = None
    note: Annotated[str, Field(max_length=LONGEST_REPLY), AfterValidator(clean_text)] = ""
    reply: Id | None = None
    end: Literal[*ENDS] | None = None  # type: ignore[valid-type]
    snooze: Literal[*SNOOZES] | None = None  # type: ignore[valid-type]
    to: Id | None = None
    topic: Topic | None = None

    def steps(self) -> Steps:
        """As the verbs take them."""
        same = {name: getattr(self, name) for name in ("priority", "note", "reply", "end", "snooze", "to", "topic")}
        return Steps(
            labels_on=tuple(dict.fromkeys(self.labels_on)),
            labels_off=tuple(dict.fromkeys(self.labels_off)),
            fields={one.field: one.value for one in self.fields},
            **same,
        )


class MacroKept(Body):
    """A macro: its name, whether everybody has it, and what it does."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_MACRO_NAME)]
    shared: bool = False
    steps: StepsBody


class MacroMade(Made, MacroKept):
    """A new one."""


class ConditionsBody(Body):
    """All that is set has to hold; `terms.Conditions` says what each is."""

    site: Site | None = None
    language: Language | None = None
    channel: Literal[*CHANNELS] | None = None  # type: ignore[valid-type]
    priority: Priority | None = None
    reason: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    label: Id | None = None
    without_label: Id | None = None
    put_on: Id | None = None
    changed: Id | None = None
    given_to: Id | None = None
    rating: Annotated[int, BeforeValidator(whole), Field(ge=1, le=5)] | None = None
    field: Id | None = None
    value: Value = ""
    words: Annotated[list[Annotated[Value, Field(min_length=1)]], Field(max_length=MOST_WORDS)] = []
    hours: Literal[*HOURS] | None = None  # type: ignore[valid-type]
    customer: Literal[*SURE] | None = None  # type: ignore[valid-type]


class ActionsBody(StepsBody):
    """What a rule does: steps, whose reply is sent as an automatic message; a macro's; and telling programs."""

    end: Literal[*terms.ENDS] | None = None  # type: ignore[valid-type]
    macro: Id | None = None
    tell: bool = False


class RuleKept(Body):
    """A rule: when, if, then. `hours` goes with the event "quiet"."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_RULE_NAME)]
    event: Literal[*WHENS]  # type: ignore[valid-type]
    hours: Annotated[int, BeforeValidator(whole), Field(ge=1, le=MOST_HOURS)] | None = None
    conditions: ConditionsBody = ConditionsBody()
    actions: ActionsBody

    @model_validator(mode="after")
    def _has_hours(self) -> Self:
        if (self.event == QUIET) != (self.hours is not None):
            raise ValueError(f"hours go with the event {QUIET}, and only with it")
        return self

    def terms(self) -> Terms:
        """As the verbs take them."""
        conditions = terms.Conditions.model_validate(self.conditions.model_dump())
        actions = terms.Actions(steps=self.actions.steps(), macro=self.actions.macro, tell=self.actions.tell)
        return Terms(event=self.event, hours=self.hours, conditions=conditions, actions=actions)


class RuleMade(Made, RuleKept):
    """A new one, which is off."""


class ReplyVersion(Query):
    """Which version of a saved reply the program has read."""

    version: Number


Numbered = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")]
Day = Annotated[str, Field(pattern=r"^(199[0-9]|20[0-9]{2}|21[0-9]{2})-[0-9]{2}-[0-9]{2}$"), AfterValidator(check_day)]


class FiltersBody(Body):
    """What a view shows, as its page has it in its address; days are the business's."""

    q: Annotated[str, Field(min_length=1, max_length=LONGEST_WANTED), AfterValidator(clean_line)] | None = None
    kind: Literal[*ENTRIES] | None = None  # type: ignore[valid-type]
    state: Annotated[list[Literal[*STATES]], Field(max_length=len(STATES))] | None = None  # type: ignore[valid-type]
    site: Site | None = None
    language: Language | None = None
    channel: Literal[*CHANNELS] | None = None  # type: ignore[valid-type]
    topic: Topic | None = None
    article: Annotated[str, Field(min_length=1, max_length=LONGEST_ARTICLE)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    agent: Annotated[str, Field(pattern=r"^(me|[1-9][0-9]{0,15})$")] | None = None
    rating: Annotated[str, Field(pattern=r"^[1-5]$")] | None = None
    label: Numbered | None = None
    field: Numbered | None = None
    value: Annotated[str, Field(min_length=1, max_length=LONGEST_FIELD_VALUE), AfterValidator(clean_line)] | None = None
    customer: Annotated[str, Field(min_length=1, max_length=LONGEST_WANTED), AfterValidator(clean_line)] | None = None
    since: Day | None = None
    until: Day | None = None
    order: Literal[*ORDERS] | None = None  # type: ignore[valid-type]


class ViewKept(Body):
    """A view: its name, what it shows, and whether everybody sees it."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_VIEW_NAME)]
    filters: FiltersBody
    shared: bool = False


class ViewMade(Made, ViewKept):
    """A new one."""
