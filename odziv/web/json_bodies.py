"""Reads JSON that anybody may have sent: only what JSON has, numbers that can be reckoned with, and whole letters."""

from __future__ import annotations

import json
import math
from typing import Any

MOST_DIGITS = 19  # of a whole number; no field takes one as long
DEEPEST = 20  # objects and lists within one another; no body has more than three


class BadJson(Exception):
    """What was sent is no JSON, or holds what none of our interfaces takes; the message says what."""


def read_json(sent: bytes) -> Any:
    """Return what JSON in UTF-8 says, without halves of letters. Raises BadJson."""
    try:
        value = json.loads(sent, parse_int=_read_whole, parse_float=_read_float, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadJson("is no JSON") from error
    return _whole_letters(value, DEEPEST)


def _read_whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise BadJson("holds a number that is too large")
    return int(digits)


def _read_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise BadJson("holds a number that is too large")
    return value


def _refuse(name: str) -> None:
    raise BadJson(f"holds {name}, which JSON has not")


def _whole_letters(value: Any, deepest: int) -> Any:
    """The value with texts that can be stored: a half of a letter, as of an emoji that was cut, is left out."""
    if not deepest:
        raise BadJson("is nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [_whole_letters(each, deepest - 1) for each in value]
    if isinstance(value, dict):
        return {_whole_letters(key, deepest): _whole_letters(each, deepest - 1) for key, each in value.items()}
    return value
