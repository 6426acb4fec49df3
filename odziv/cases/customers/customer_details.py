"""What a browser and its site tell about a customer, checked: text cleaned, sizes kept, nothing nested."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

from odziv.cases.customers.devices import name_device
from odziv.cases.mail_addresses import check_email
from odziv.store.lengths import LONGEST_CUSTOMER_NAME, LONGEST_EMAIL, LONGEST_LANGUAGE_TAG

MOST_ATTRIBUTES, LONGEST_KEY, LONGEST_VALUE, LARGEST_NUMBER = 20, 40, 500, 10**15
LONGEST_BROWSER_VALUE = 300
# Newline and tab are text; the other control characters are not, nor are half surrogates, which can't be stored.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Controls, what only arranges the characters around it, half characters, and all kinds of space.
_UNSEEN = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
# Unicode's other characters that are drawn as nothing (Default_Ignorable_Code_Point), and a Braille cell without dots.
_UNSEEN_THOUGH_NAMED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


def clean_text(value: str) -> str:
    """Unicode NFC, without control characters and without space around it."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", value)).strip()


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return not any(_is_seen(character) for character in text)


def _is_seen(character: str) -> bool:
    """What this Python doesn't know yet, a new emoji, is."""
    return unicodedata.category(character) not in _UNSEEN and not _UNSEEN_THOUGH_NAMED.match(character)


def clean_line(value: str) -> str:
    """The same on one line."""
    return " ".join(clean_text(value).split())


def check_attributes(given: Any) -> dict[str, str | int | float | bool]:
    """A flat object with few short entries. Raises ValueError, which names what is too much."""
    if not isinstance(given, dict):
        raise ValueError("must be an object")
    if len(given) > MOST_ATTRIBUTES:
        raise ValueError(f"at most {MOST_ATTRIBUTES} of them, these are {len(given)}")
    attributes = {clean_line(key): _check_value(value) for key, value in given.items()}
    if not all(0 < len(key) <= LONGEST_KEY for key in attributes):
        raise ValueError(f"a key has from 1 to {LONGEST_KEY} characters")
    return attributes


def _check_value(value: Any) -> str | int | float | bool:
    if isinstance(value, str):
        text = clean_text(value)
        if len(text) > LONGEST_VALUE:
            raise ValueError(f"a value has at most {LONGEST_VALUE} characters")
        return text
    if isinstance(value, bool):
        return value
    # Compared before anything is reckoned: a whole number may be too large to become a float, and NaN is not less.
    if not isinstance(value, int | float) or not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ValueError("a value is text, a number that is not huge, true or false")
    return value


Attributes = Annotated[dict[str, Any], BeforeValidator(check_attributes)]
Identity = Annotated[str | None, Field(max_length=4096)]  # a JWT
Version = Annotated[str | None, Field(max_length=64)]  # of the text a customer agreed to
CleanLine = Annotated[str, AfterValidator(clean_line)]


class BrowserFacts(BaseModel):
    """Of a page and its browser. Whoever opens a conversation isn't turned away for these: the odd is left out."""

    time_zone: str | None = None
    title: str | None = None
    referrer: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return value if is_time_zone(value) else None

    @field_validator("title")
    @classmethod
    def _cut(cls, value: str | None) -> str | None:
        return clean_line(value)[:LONGEST_BROWSER_VALUE] if value else None

    @field_validator("referrer")
    @classmethod
    def _without_query(cls, value: str | None) -> str | None:
        """Where they came from, but not what they searched for there."""
        try:
            parts = urlsplit(clean_line(value or ""))
        except ValueError:
            return None
        address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        return address[:LONGEST_BROWSER_VALUE] if parts.scheme in ("http", "https") else None


def read_email(value: str | None) -> str | None:
    """The address, None where nothing is given. Raises ValueError for what is none."""
    value = clean_line(value or "")
    email = check_email(value)
    if value and email is None:
        raise ValueError("this is no e-mail address")
    return email


class ContactChange(BaseModel):
    """What the widget may set later. Fields that are missing stay as they are."""

    attributes: Attributes | None = None
    language: str | None = Field(default=None, max_length=LONGEST_LANGUAGE_TAG)
    name: Annotated[CleanLine | None, Field(max_length=LONGEST_CUSTOMER_NAME)] = None
    email: Annotated[str | None, Field(max_length=LONGEST_EMAIL), AfterValidator(read_email)] = None
    identity: Identity = None
    consent: Version = None

    @field_validator("name")
    @classmethod
    def _or_none(cls, value: str | None) -> str | None:
        return value or None


def is_time_zone(name: str | None) -> bool:
    """Whether it is an IANA time zone, like Europe/Ljubljana."""
    try:
        return name is not None and 0 < len(name) <= 64 and ZoneInfo(name) is not None
    except (ValueError, KeyError, OSError):  # no name, no such zone, a folder of them
        return False


def facts_of(browser: BrowserFacts | None, user_agent: str) -> dict[str, str] | None:
    """What is kept of a browser: what it told, and its name made of names we know. None: there is nothing."""
    told = browser.model_dump(exclude_none=True) if browser else {}
    device = name_device(user_agent)
    if device != "Unknown browser":
        told["device"] = device
    return {key: value for key, value in told.items() if value} or None
