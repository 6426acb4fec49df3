"""What is wrong with a setting, in two wordings: in English and in the words of config.yml, for its readers, logs and
programs; and as a message that the desk says in the agent's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Problem:
    """What is wrong with one setting.

    `english` is the sentence for operators and programs. `message` and `values` are the desk's, as gettext has them;
    where pydantic found it, `message` is empty, and `kind` and `values` are pydantic's. `place` is where:
    "desk/lease_minutes".
    """

    english: str
    message: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    place: str = ""


class WrongValue(ValueError):
    """A value that administrators may set at the desk, and that can't be so.

    `message` goes into the desk's catalogues: it begins small, as behind a colon, names its `values`, and speaks of
    fields and pages. The value `language` is a code, which the desk says as a name.
    """

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values

    def in_file(self, sentence: str) -> Self:
        """The same, but for whoever wrote config.yml, or calls the interface for programs, in words of these."""
        self.args = (sentence,)
        return self

    def at(self, place: str = "") -> Problem:
        """The same as a problem of the setting at that place."""
        return Problem(str(self), self.message, self.values, place=place)


def read_problem(found: ErrorDetails) -> Problem:
    """One of the errors in which pydantic says what is wrong."""
    place, context = "/".join(map(str, found["loc"])), found.get("ctx", {})
    if isinstance(error := context.get("error"), WrongValue):
        return error.at(place)
    return Problem(found["msg"].removeprefix("Value error, "), "", context, found["type"], place)
