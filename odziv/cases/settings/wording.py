"""Says what is wrong with a setting in the language spoken: by its own message, or by the kind that pydantic found."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from odziv.settings.wrong import Problem
from odziv.texts.desk import N_, _, number, spoken
from odziv.texts.moments import name_language

WHOLE_NUMBER, EMPTY = N_("write a whole number"), N_("this can’t be left empty")
KINDS = {
    "missing": EMPTY,
    "string_too_short": EMPTY,
    "string_too_long": N_("this is too long; %(most)s characters are enough"),
    "string_pattern_mismatch": N_("this has characters that can’t be used here, or too many of them"),
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "greater_than_equal": N_("write %(least)s or more"),
    "less_than_equal": N_("write %(most)s or less"),
    "literal_error": N_("choose one of those that are offered"),
}
# Where a kind says more in a certain place.
PLACES = {
    ("string_pattern_mismatch", "sites/*/[[]key]"): N_(
        "a short name can have up to 64 letters from a to z, digits, dots, hyphens and underscores"
    ),
    ("too_short", "sites"): N_("at least one website is needed"),
}
OTHER = N_("this can’t be used here")  # of what no form sends
# What pydantic calls the bounds that messages name.
BOUNDS = {"ge": "least", "le": "most", "max_length": "most"}
TYPED = ("ge", "le")  # a field takes its digits without separators
MOST_QUOTED = 80  # characters of what was typed


def say_problem(problem: Problem) -> str:
    """The sentence, beginning small."""
    values = {BOUNDS.get(name, name): _say_value(name, value) for name, value in problem.values.items()}
    return _(problem.message or find_message(problem), **values)


def find_message(problem: Problem) -> str:
    """The message for what pydantic found wrong."""
    for (kind, place), message in PLACES.items():
        if kind == problem.kind and fnmatchcase(problem.place, place):
            return message
    return KINDS.get(problem.kind, OTHER)


def _say_value(name: str, value: Any) -> str:
    if name == "language":
        return _("All languages") if value == "default" else name_language(value, spoken())
    if isinstance(value, int | float) and name not in TYPED:
        return number(value)
    text = str(value)
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…"
