"""What programs send: bodies and queries, checked. Unknown fields are refused: a typing error must not go unnoticed."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from kb.sources.drafting import LONGEST_SLUG
from kb.sources.editing import LONGEST_PHRASING
from odziv.cases.conversations.reply import LONGEST_REPLY
from odziv.cases.conversations.snooze import MOST_DAYS
from odziv.cases.conversations.targets import TARGETS
from odziv.cases.conversations.transfer import LONGEST_NOTE
from odziv.cases.customers.customer_details import clean_line, clean_text, is_blank
from odziv.cases.macros.several import MOST_AT_ONCE, WHAT
from odziv.settings import Language
from odziv.store.audit import ACTIONS
from odziv.store.conversations.attachments import MOST_IN_MESSAGE
from odziv.store.handoffs.targets import PRIORITIES
from odziv.store.lengths import (
    LONGEST_AGENT_CLIENT_ID,
    LONGEST_ANSWER,
    LONGEST_ARTICLE,
    LONGEST_CUSTOMER_ID,
    LONGEST_CUSTOMER_NAME,
    LONGEST_EMAIL,
    LONGEST_FIELD_VALUE,
    LONGEST_FLAG_REASON,
    LONGEST_MAILBOX,
    LONGEST_PROPOSED,
    LONGEST_RECIPIENTS,
    LONGEST_SITE,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    LONGEST_TOPIC,
    LONGEST_WANTED,
)
from odziv.store.mail.recipients import MOST_RECIPIENTS
from odziv.store.search.entries import KINDS
from odziv.store.search.filters import STATES
from odziv.web.errors import ApiError

Number = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]
ClientId = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_.:-]{{1,{LONGEST_AGENT_CLIENT_ID}}}$")]
LARGEST_ID = 2**53 - 1  # the largest whole number that every reader of JSON takes exactly
MOST_UNDO_SECONDS = 60
# Stricter than what customers may type: programs send what they have checked.
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,3}$"


def whole(value: object) -> object:
    """7.0 is an integer to JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def check_page_size(value: str) -> str:
    """From 1 to 200; else raises ValueError."""
    if not 1 <= int(value) <= 200:
        raise ValueError("must be from 1 to 200")
    return value


def clean_words(text: str) -> str:
    """Clean text in which something can be read. Raises ValueError."""
    text = clean_text(text)
    if is_blank(text):
        raise ValueError("write something")
    return text


PageSize = Annotated[Number, AfterValidator(check_page_size)]


def check_moment(text: str) -> str:
    """Raises ValueError for a bare number: it would be taken for seconds since 1970."""
    if "T" not in text.upper():
        raise ValueError("write it like 2026-11-30T08:00:00Z")
    return text


Moment = Annotated[AwareDatetime, BeforeValidator(check_moment)]


class Body(BaseModel):
    """A JSON object, with no field that is not named here."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NoteBody(Body):
    """A note, under an id the program chose."""

    client_id: ClientId
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_REPLY), AfterValidator(clean_words)]
    attachments: list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = Field(default=[], max_length=MOST_IN_MESSAGE)


Addresses = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_EMAIL, pattern=EMAIL)]], Field(max_length=MOST_RECIPIENTS)
]


class ReplyBody(NoteBody):
    """A reply; by e-mail to whom, where that is not just the customer; and up to which message it has read."""

    to: Addresses = []
    cc: Addresses = []
    bcc: Addresses = []
    reply_to_all: bool = False
    seen: Annotated[int, Field(ge=0, le=999_999_999)] | None = None

    _whole = field_validator("seen", mode="before")(whole)


class NewConversation(Body):
    """A mail that begins a conversation, under an id the program chose; without a text nothing is sent yet."""

    client_id: ClientId
    to: Annotated[Addresses, Field(min_length=1)]
    cc: Addresses = []
    bcc: Addresses = []
    name: Annotated[str, Field(max_length=LONGEST_CUSTOMER_NAME), AfterValidator(clean_line)] | None = None
    site: Annotated[str, Field(min_length=1, max_length=LONGEST_SITE)]
    mailbox: Annotated[str, Field(max_length=LONGEST_MAILBOX)] | None = None
    language: Language
    subject: Annotated[str, Field(min_length=1, max_length=LONGEST_SUBJECT), AfterValidator(clean_words)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_REPLY), AfterValidator(clean_words)] | None = None


Begun = Annotated[str, AfterValidator(clean_text), Field(max_length=2 * LONGEST_REPLY)]
BegunList = Annotated[str, AfterValidator(clean_text), Field(max_length=LONGEST_RECIPIENTS)]
BegunLine = Annotated[str, AfterValidator(clean_text), Field(max_length=2 * LONGEST_SUBJECT)]
DraftVersion = Annotated[int, Field(ge=0, le=10**15), BeforeValidator(whole)]


class BegunMail(Body):
    """A new e-mail as far as it is written, with addresses as people type them. `version` is what it was begun from."""

    to: BegunList = ""
    cc: BegunList = ""
    bcc: BegunList = ""
    name: BegunLine = ""
    site: BegunLine = ""
    language: BegunLine = ""
    subject: BegunLine = ""
    text: Begun = ""
    mailbox: BegunLine = ""
    client_id: ClientId
    version: DraftVersion


class BegunRecipients(Body):
    """To whom an answer is to go, as people type it; a field that is left out was not changed."""

    to: BegunList | None = None
    cc: BegunList | None = None
    bcc: BegunList | None = None


class BegunReply(Body):
    """An answer or note as far as it is written. `version` is what it was begun from."""

    kind: Literal["reply", "note"] = "reply"
    text: Begun = ""
    recipients: BegunRecipients | None = None
    version: DraftVersion


class Transfer(Body):
    """To a colleague's id, or "queue"; the other fields but `note` are for the queue."""

    to: Annotated[int, Field(ge=1, le=LARGEST_ID)] | Literal["queue"]
    note: Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(clean_text)] | None = None
    language: Language | None = None
    topic: Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC)] | None = None
    promise_minutes: Literal[*TARGETS] | None = None  # type: ignore[valid-type]

    _whole = field_validator("to", "promise_minutes", mode="before")(whole)


class Assignment(Body):
    """To which agent."""

    to: Annotated[int, Field(ge=1, le=LARGEST_ID)]

    _whole = field_validator("to", mode="before")(whole)


class LabelBody(Body):
    """Which label."""

    label: Annotated[int, Field(ge=1, le=LARGEST_ID)]

    _whole = field_validator("label", mode="before")(whole)


class FieldBody(Body):
    """What a field is to hold; nothing to empty it."""

    value: Annotated[str, Field(max_length=LONGEST_FIELD_VALUE), AfterValidator(clean_line)] | None


class Press(Body):
    """Which press of a macro it is, under an id the program chose, and up to which message it has read."""

    client_id: ClientId
    seen: Annotated[int, Field(ge=0, le=999_999_999)] | None = None

    _whole = field_validator("seen", mode="before")(whole)


class SettingsBody(Body):
    """Settings by key, null for what the desk is to say nothing of, and the edition that the program looked at."""

    edition: Annotated[int, Field(ge=0, le=999_999_999)]
    settings: Annotated[dict[str, Any], Field(min_length=1, max_length=200)]

    _whole = field_validator("edition", mode="before")(whole)


class MergeBody(Body):
    """Which conversation goes into this one."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_name=False)
    other: Annotated[str, Field(alias="from", min_length=1, max_length=64)]
    confirmed: bool = False


class Snooze(Body):
    """For how long; at most a year."""

    minutes: Annotated[int, Field(ge=1, le=MOST_DAYS * 1440)]
    _whole = field_validator("minutes", mode="before")(whole)


class Priority(Body):
    """The priority, on which the target depends."""

    priority: Literal[*PRIORITIES]  # type: ignore[valid-type]


# The interface calls a target a promise.
class Promise(Body):
    """In how many minutes somebody said that they would hear from us."""

    minutes: Literal[*TARGETS]  # type: ignore[valid-type]
    _whole = field_validator("minutes", mode="before")(whole)


class Customer(Body):
    """What stands here is set, null or "" empties it; the rest stays."""

    name: Annotated[str, Field(max_length=LONGEST_CUSTOMER_NAME)] | None = None
    email: Annotated[str, Field(max_length=LONGEST_EMAIL, pattern=EMAIL)] | None = None

    @field_validator("name")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return clean_line(value) if value else None


class AddressBody(Body):
    """Another e-mail address of the customer."""

    address: Annotated[str, Field(min_length=1, max_length=LONGEST_EMAIL)]


class OneOfSeveral(Body):
    """A conversation, and up to which message of it the program has read."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    seen: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    _whole = field_validator("seen", mode="before")(whole)


class Several(Body):
    """What is to be done with several conversations, and for how long it can be taken back before it is."""

    client_id: ClientId
    do: Literal[*WHAT]  # type: ignore[valid-type]
    conversations: Annotated[list[OneOfSeveral], Field(min_length=1, max_length=MOST_AT_ONCE)]
    to: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    label: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    priority: Literal[*PRIORITIES] | None = None  # type: ignore[valid-type]
    undo_seconds: Annotated[int, Field(ge=0, le=MOST_UNDO_SECONDS)] = 0

    _whole = field_validator("to", "label", "undo_seconds", mode="before")(whole)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needed = {"assign": "to", "label": "label", "unlabel": "label", "priority": "priority"}.get(self.do)
        for name in ("to", "label", "priority"):
            if (getattr(self, name) is not None) != (name == needed):
                raise ValueError(f"{self.do} goes with {needed or 'neither to, label nor priority'}")
        if self.do == "take" and self.undo_seconds:
            raise ValueError("what is taken is taken at once")
        return self


class FlagBody(Body):
    """What was wrong, in some words."""

    reason: Annotated[str, Field(max_length=LONGEST_FLAG_REASON)] | None = None

    @field_validator("reason")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return clean_line(value) if value else None


class NewPhrasing(Body):
    """Words, and the article that answers them."""

    article: Annotated[str, Field(min_length=1, max_length=LONGEST_ARTICLE)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_PROPOSED), AfterValidator(clean_words)]


class NewDraft(Body):
    """The article as proposed."""

    language: Language
    category: Annotated[str, Field(max_length=LONGEST_TOPIC, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(clean_words)]
    question: Annotated[str, Field(min_length=1, max_length=LONGEST_ANSWER), AfterValidator(clean_words)]
    answer: Annotated[str, Field(min_length=1, max_length=LONGEST_ANSWER), AfterValidator(clean_words)]


class Availability(Body):
    """Whether new conversations may come by themselves."""

    available: bool


class MentionsRead(Body):
    """In which conversation; null: in all."""

    conversation_id: Annotated[str, Field(min_length=1, max_length=64)] | None


class AcceptedDraft(NewDraft):
    """A proposed article as edited, the name of its file, and whether customers are given it."""

    slug: Annotated[str, Field(max_length=LONGEST_SLUG, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    status: Literal["published", "draft"]


class PhrasingBody(Body):
    """The words as edited."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_PHRASING), AfterValidator(clean_words)]


class Query(BaseModel):
    """An address, with no parameter that is not named here."""

    model_config = ConfigDict(extra="forbid")


class Page(Query):
    """How many, from where."""

    limit: PageSize = "50"
    cursor: Annotated[str, Field(max_length=100)] | None = None


class AuditFilter(Page):
    """By or about whom, and what."""

    agent: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")] | None = None
    action: Literal[*ACTIONS] | None = None  # type: ignore[valid-type]


class Narrowed(Page):
    """What conversations are narrowed down by, in the list and in the search."""

    state: Literal[*STATES] | None = None  # type: ignore[valid-type]
    channel: Literal["widget", "mail"] | None = None
    handled_by: Annotated[str, Field(pattern=r"^(me|[1-9][0-9]{0,15})$")] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    topic: Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC)] | None = None
    article: Annotated[str, Field(min_length=1, max_length=LONGEST_ARTICLE)] | None = None
    rating: Annotated[str, Field(pattern=r"^[1-5]$")] | None = None
    label: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")] | None = None
    field: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")] | None = None
    field_value: Annotated[str, Field(min_length=1, max_length=LONGEST_FIELD_VALUE)] | None = None
    began_after: Moment | None = None
    began_before: Moment | None = None


class Found(Narrowed):
    """Words, in what they are to stand, and which conversations."""

    q: Annotated[str, Field(min_length=1, max_length=LONGEST_WANTED)]
    kind: Literal[*KINDS] | None = None  # type: ignore[valid-type]
    language: Language | None = None
    site: Annotated[str, Field(min_length=1, max_length=LONGEST_SITE)] | None = None
    customer: Annotated[str, Field(min_length=1, max_length=LONGEST_WANTED)] | None = None


class ConversationFilter(Narrowed):
    """Which conversations."""

    status: Literal["bot", "queued", "open", "resolved", "spam"] | None = None
    language: Language | None = None
    site: Annotated[str, Field(min_length=1, max_length=LONGEST_SITE)] | None = None
    agent: Annotated[str, Field(pattern=r"^(me|[1-9][0-9]{0,15})$")] | None = None
    email: Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL)] | None = None
    customer: Annotated[str, Field(min_length=1, max_length=LONGEST_CUSTOMER_ID)] | None = None


class After(Query):
    """Messages with a higher number, and how many of them."""

    after: Number = "0"
    limit: PageSize = "200"


class SeenQuery(Query):
    """The last message that was read, for what would leave a later one unanswered."""

    seen: Number | None = None


class LimitQuery(Query):
    """How many of a queue."""

    limit: PageSize = "50"


class Search(Query):
    """What to look up in the knowledge base."""

    q: Annotated[str, Field(min_length=1, max_length=2000)]
    language: Language | None = None
    limit: Annotated[str, Field(pattern=r"^([1-9]|1[0-9]|20)$")] = "5"


def write_cursor(*parts: int | str) -> str:
    """Where a page ended, as one word that programs pass back as it is."""
    return base64.urlsafe_b64encode("~".join(map(str, parts)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The parts of a cursor as they were written, with "~" between; "" for one that we did not make."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        return ""


def read_cursor(cursor: str | None) -> tuple[int, str] | None:
    """The moment and id a page ended with. Raises ApiError 404 for one we did not make."""
    if cursor is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15})~([0-9a-f]{1,32})", decode_cursor(cursor))
    if found is None:
        raise ApiError(404, "not_found", "cursor: not one that a page gave.")
    return int(found[1]), found[2]


def read_number_cursor(cursor: str | None) -> int | None:
    """The number of the last one of a page. Raises ApiError 404 for a cursor we did not make."""
    if cursor is None:
        return None
    number = decode_cursor(cursor)
    if re.fullmatch(r"[0-9]{1,16}", number) is None:
        raise ApiError(404, "not_found", "cursor: not one that a page gave.")
    return int(number)
