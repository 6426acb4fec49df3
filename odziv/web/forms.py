"""Reads what a browser's form, or a page's address, sends into a model; or a refusal in the words of the page.

Each form is a model that stands beside its page. Where a verb checks a field, the model takes any text for it, so that
the sentence stands once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, get_origin

from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from werkzeug.datastructures import MultiDict

from odziv.cases.refused import Kind, Refused
from odziv.texts.desk import N_, _

NOT_UNDERSTOOD = N_("The request was not understood. Please reload the page and try again.")


class Form(BaseModel):
    """What one form sends: strings, which its fields clean. What isn't sent has its field's default."""

    model_config = ConfigDict(frozen=True)


AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(frozen=True)
class Wrong:
    """Stands in a field's annotation: how it is refused, with the sentence as `N_` marks it, and its values."""

    kind: Kind
    problem: str
    values: Mapping[str, object] = field(default_factory=dict)


def clean_paragraphs(value: str) -> str:
    """The text with plain line endings and without space around it."""
    return value.replace("\r\n", "\n").strip()


def to_number(value: object, most: int = 999_999_999) -> int | None:
    """What ASCII digits say, up to `most`. None for all else: signs, spaces, digits of other scripts."""
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or len(value) > len(str(most)):
        return None
    return int(value) if int(value) <= most else None


# One clean line is `CleanLine`, as in bodies: odziv/cases/customers/customer_details.py.
Text = Annotated[str, AfterValidator(clean_paragraphs)]
Trimmed = Annotated[str, AfterValidator(str.strip)]
Ticked = Annotated[bool, BeforeValidator(lambda value: value == "1")]
OrNone = BeforeValidator(lambda value: value or None)
# Where a page goes on; 0 where that is no number.
Position = Annotated[int, BeforeValidator(lambda value: to_number(value) or 0)]


def read_form(model: type[AnyForm]) -> AnyForm:
    """The form that was sent. Raises Refused with the sentence of the first wrong field."""
    return read(model, request.form)


def read_address(model: type[AnyForm]) -> AnyForm:
    """What stands in the page's address (`?at=7`), or is sent beside by a form. Raises Refused as `read_form`."""
    return read(model, request.values)


def read(model: type[AnyForm], sent: MultiDict[str, str]) -> AnyForm:
    """`sent` as `model`: of a list every value, of any other field the first. Raises Refused."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    names = sent.keys() if model.model_config.get("extra") == "allow" else fields.keys() & sent.keys()
    values = {name: sent.getlist(name) if _is_list(fields.get(name)) else sent[name] for name in names}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _refusal(fields, error) from error


def _is_list(about: FieldInfo | None) -> bool:
    return about is not None and get_origin(about.annotation) in (list, tuple)


def _refusal(fields: dict[str, FieldInfo], error: ValidationError) -> Refused:
    problem: dict[str, Any] = dict(error.errors(include_input=False, include_url=False)[0])
    about = fields.get(str(problem["loc"][0]))
    wrong = next((one for one in about.metadata if isinstance(one, Wrong)), None) if about else None
    if wrong is None:
        return Refused(Kind.INVALID, _(NOT_UNDERSTOOD))
    return Refused(wrong.kind, _(wrong.problem, **wrong.values))
