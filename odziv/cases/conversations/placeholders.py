"""Placeholders in saved replies, like {{customer.name}}: checked when one is saved, filled when one is inserted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from odziv.texts.desk import N_, _

# What each stands for, in words for the editors' page.
PLACEHOLDERS = {
    "customer.name": N_("the customer’s name"),
    "customer.first_name": N_("the first word of it"),
    "agent.name": N_("your name"),
    "agent.first_name": N_("the first word of it"),
    "conversation.language": N_("the language, in words"),
    "site.name": N_("the website’s name"),
    "article.title": N_("the title of the article the bot thought of first"),
    "article.link": N_("a link to it"),
}
# Simple enough that no text, however odd, makes it go back and forth: spaces are taken off afterwards.
_PLACEHOLDER = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
LONGEST_FILLED_NAME = 80
_GAP = "\0"  # no text holds one: none is saved
# Around a gap: brackets and emphasis with nothing else inside; the marks after one that begins a line; a comma on both
# sides; a comma or space before it.
_AROUND_GAP = (
    (re.compile(rf"\({_GAP}\)|(\*\*|__|\*|_){_GAP}\1"), _GAP),
    (re.compile(rf"^[ \t]*{_GAP}[\s,;:.!?–-]*"), _GAP),
    (re.compile(rf"(?<![ \t])[ \t]*,[ \t]*{_GAP}[ \t]*,"), ""),
    (re.compile(rf"(?<![ \t])[ \t]*(?:,[ \t]*)?{_GAP}"), ""),
)


def find_problem(text: str) -> str | None:
    """Why a text can't be saved: a placeholder nobody knows, or half of one. None when all is well."""
    for match in _PLACEHOLDER.finditer(text):
        if (name := match[1].strip()) not in PLACEHOLDERS:
            near = get_close_matches(name, PLACEHOLDERS, 1)
            wrong = f"{{{{{name[:60]}}}}}"
            if near:
                meant = f"{{{{{near[0]}}}}}"
                return _("there is no placeholder %(wrong)s. Did you mean %(near)s?", wrong=wrong, near=meant)
            return _("there is no placeholder %(wrong)s. Please choose one of those listed.", wrong=wrong)
    rest = _PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        return _("a placeholder is not complete: it begins with {{ and ends with }}.")
    return None


def find_unfilled(text: str) -> str | None:
    """A placeholder that is still in a text about to be sent, as written; None when there is none."""
    return next((m[0] for m in _PLACEHOLDER.finditer(text) if m[1].strip() in PLACEHOLDERS), None)


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The text with `values` in place of the placeholders; none is left.

    One without a value gives way to what stands after its bar ({{customer.name|customer}}); without that, to nothing,
    with the comma or space before it, and a line about an article to no line at all.
    """
    lines = [_fill_line(line, values) for line in text.replace(_GAP, "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip()


def _fill_line(line: str, values: Mapping[str, str | None]) -> str | None:
    gaps = [m[1].strip() for m in _PLACEHOLDER.finditer(line) if not _value(m, values)]
    if any(name.startswith("article.") for name in gaps):
        return None
    filled = _PLACEHOLDER.sub(lambda m: _value(m, values) or _GAP, line)
    if not gaps:
        return filled
    filled = _close(filled, _AROUND_GAP[:2])
    begins_with_gap = filled.startswith(_GAP)
    filled = _close(filled, _AROUND_GAP[2:])
    if not filled.strip():
        return None
    return filled[0].upper() + filled[1:] if begins_with_gap else filled


def _close(line: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, instead in patterns:
        line = pattern.sub(instead, line)
    return line


def _value(match: re.Match[str], values: Mapping[str, str | None]) -> str:
    return values.get(match[1].strip()) or (match[2] or "").strip()


def clean_name(name: str | None) -> str | None:
    """A name somebody typed, without what Markdown or a reader could take for something else."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name or "")
    return " ".join(re.sub(r"[\[\](){}<>*_`#|\\~!]", " ", seen).split())[:LONGEST_FILLED_NAME].strip() or None
