"""Says in the reader's language what was stored as an English sentence: entries of a log, and why something failed.

What is written down is written in English, whoever had it done, by the messages of `odziv/cases`. Such a sentence is
recognised by its message, those of earlier versions too, and its values are put into the message's translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

from babel.dates import get_month_names

from odziv.settings import LOCALES, REFERENCE
from odziv.texts.desk import catalogues
from odziv.texts.desk.catalogues import PLACEHOLDER
from odziv.texts.desk.speaking import number, spoken
from odziv.texts.moments import name_language, say_moment

STORING = ("odziv/cases/", "odziv/mail/", "odziv/chat/")
LONGEST_STORED = 1200  # characters of what is looked at
# Values that are sentences, or words of ours, themselves: all others are names and texts of people.
OURS = frozenset({"who", "why", "problem", "priority", "when", "reason", "what"})
SEVERAL = {"done": re.compile("(, )"), "skipped": re.compile(r"(?<=\.)( )(?=[^a-z])")}  # how such are told apart
Pattern = tuple[re.Pattern[str], Callable[[int], str]]


def reword(text: str, depth: int = 0) -> str:
    """The sentence in the language spoken; as it is where no message fits it."""
    language = spoken()
    if language == REFERENCE or not text or len(text) > LONGEST_STORED:
        return text
    if "\n\n" in text:  # several, or one with what somebody wrote below
        return "\n\n".join(reword(part, depth) for part in text.split("\n\n"))
    whole = catalogues.read(language).gettext(text)
    if whole != text or depth > 3:
        return whole
    for pattern, translate in patterns_of(language):
        if found := pattern.fullmatch(text):
            values = {name: _say_value(name, value, depth) for name, value in found.groupdict().items()}
            return translate(int(re.sub(r"\D", "", found.groupdict().get("num", "")) or 0)) % values
    return text


@cache
def patterns_of(language: str) -> list[Pattern]:
    """How each message of what is stored is recognised, and what translates it for a number; the plainest first."""
    catalogue, lookup = catalogues.load(catalogues.FOLDER / f"{language}.po", language), catalogues.read(language)
    found: list[tuple[int, Pattern]] = []
    for message in catalogues.messages_of(catalogue):
        if not any(place.startswith(STORING) for place, _line in message.locations):
            continue
        one, other = (message.id, message.id) if isinstance(message.id, str) else message.id
        for form in {one, other}:
            if PLACEHOLDER.search(form):
                translate = _translator(lookup.gettext, lookup.ngettext, one, other)
                found.append((len(PLACEHOLDER.sub("", form)), (_recognise(form), translate)))
    return [pattern for _length, pattern in sorted(found, key=lambda each: -each[0])]


def _translator(
    gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str], one: str, other: str
) -> Callable[[int], str]:
    return (lambda _count: gettext(one)) if one == other else (lambda count: ngettext(one, other, count))


def _recognise(message: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for literal, name in re.findall(r"((?:[^%]|%%)*)(?:%\((\w+)\)s)?", message):
        parts.append(re.escape(literal.replace("%%", "%")))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


def _say_value(name: str, value: str, depth: int) -> str:
    if name in OURS:
        return reword(value, depth + 1)
    if name in SEVERAL:
        return "".join(reword(part, depth + 1) for part in SEVERAL[name].split(value))
    if name == "team":
        language, _, rest = value.partition(",")
        codes = {name_language(code, REFERENCE): code for code in LOCALES}
        return (
            ",".join([name_language(codes[language], spoken()), *filter(None, [rest])]) if language in codes else value
        )
    if name == "num":
        return number(int(re.sub(r"\D", "", value) or 0))
    return _say_moment(value) if name == "until" else value


def _say_moment(value: str) -> str:
    """ "Fri 4 Dec 2026, 09:00 (Europe/Ljubljana)" as the language writes it; anything else as it is."""
    found = re.fullmatch(r"\w+ (\d{1,2}) (\w+) (\d{4}), (\d\d):(\d\d)(.*)", value)
    months = {name: number for number, name in get_month_names("abbreviated", locale=LOCALES[REFERENCE]).items()}
    if not found or found[2] not in months:
        return value
    moment = datetime(int(found[3]), months[found[2]], int(found[1]), int(found[4]), int(found[5]))
    return say_moment(moment, spoken()) + found[6]
