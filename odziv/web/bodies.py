"""Reads what programs and the widget send, JSON bodies and queries, into models; or a refusal that names the field."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, Field, StrictBool, ValidationError, field_validator

from odziv.cases.customers.customer_details import Attributes, BrowserFacts, Identity, Version, clean_text
from odziv.store.conversations.attachments import MOST_IN_MESSAGE
from odziv.store.lengths import LONGEST_CLIENT_ID, LONGEST_LANGUAGE_TAG, LONGEST_PAGE, LONGEST_SITE
from odziv.web.errors import ApiError
from odziv.web.json_bodies import BadJson, read_json

Body = TypeVar("Body", bound=BaseModel)
LONGEST_NAMED = 80  # characters of a name that somebody sent, when a refusal says it again


class NewConversation(BaseModel):
    """`language`, `page` and `browser` come from the page the widget is on, `attributes` and `identity` from its site.

    `consent` is the version of the text that was agreed to. With `resume`, nothing new is opened.
    """

    site: str = Field(min_length=1, max_length=LONGEST_SITE)
    language: str | None = Field(default=None, max_length=LONGEST_LANGUAGE_TAG)
    page: str | None = Field(default=None, max_length=LONGEST_PAGE)
    browser: BrowserFacts | None = None
    attributes: Attributes | None = None
    identity: Identity = None
    consent: Version = None
    resume: StrictBool = False

    @field_validator("site", "language", "page")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return clean_text(value) if value is not None else None


class PressedButton(BaseModel):
    """Which button of which message was pressed."""

    seq: int = Field(ge=1, le=999_999_999)
    index: int = Field(ge=0, le=50)

    @field_validator("seq", "index", mode="before")
    @classmethod
    def _no_bool(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("must be a number")
        return value


class Seen(BaseModel):
    """Up to which message all were on the customer's screen."""

    seq: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]


class CustomerMessageBody(BaseModel):
    """What the customer wrote, under an id the widget chose."""

    client_id: str = Field(pattern=rf"^[A-Za-z0-9_.:-]{{1,{LONGEST_CLIENT_ID}}}$")
    text: str
    button: PressedButton | None = None
    attachments: list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = Field(default=[], max_length=MOST_IN_MESSAGE)

    @field_validator("text")
    @classmethod
    def _clean(cls, value: str) -> str:
        return clean_text(value)


def read_body(model: type[Body]) -> Body:
    """The request's JSON body as `model`. Raises ApiError 400 that names the first wrong field."""
    try:
        body = read_json(request.get_data(cache=False))
    except BadJson as bad:
        raise ApiError(400, "bad_request", f"The body must be a JSON object; this one {bad}.") from bad
    if not isinstance(body, dict):
        raise ApiError(400, "bad_request", "The body must be a JSON object.")
    return _check(model, body)


def read_query(model: type[Body]) -> Body:
    """The request's query as `model`. Raises ApiError 400 that names the first wrong parameter."""
    doubled = next((name for name, values in request.args.lists() if len(values) > 1), None)
    if doubled is not None:
        raise ApiError(400, "bad_request", f"{doubled[:LONGEST_NAMED]}: once is enough.")
    return _check(model, request.args.to_dict())


def _check(model: type[Body], sent: dict[str, Any]) -> Body:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])[:LONGEST_NAMED]
        raise ApiError(400, "bad_request", f"{field}: {problem['msg']}.") from error


LARGEST_PAGE = 200  # messages of a log in one answer


def read_limit() -> int:
    """How many messages are wanted at the most: ?limit=, else as many as there may be. Raises ApiError 400."""
    given = request.args.get("limit", str(LARGEST_PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", given) or not 1 <= int(given) <= LARGEST_PAGE:
        raise ApiError(400, "bad_request", f"limit: must be a number from 1 to {LARGEST_PAGE}.")
    return int(given)


def read_after() -> int:
    """The sequence number to go on from: Last-Event-ID, else ?after=, else 0. Raises ApiError 400."""
    given = [value for value in (request.headers.get("Last-Event-ID"), request.args.get("after")) if value is not None]
    if not all(re.fullmatch(r"[0-9]{1,9}", value) for value in given):
        raise ApiError(400, "bad_request", "after: must be a sequence number, 0 or more.")
    return int(given[0]) if given else 0
