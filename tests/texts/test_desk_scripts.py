"""The desk's scripts say nothing that isn't in the catalogue: what looks like words goes through `text` or `texts`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "odziv" / "desk" / "static"
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
LITERAL = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`")
SAID = re.compile(r"\btexts?\(\s*(?:(?:\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+")
TAG = re.compile(r"<[^>]*>|\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
# A sentence, or a word as a heading has it: what selectors, keys and names of classes don't look like.
WORDS = re.compile(r"(?<![\w:-])[A-Z][a-z’]+(?: |$|…)|[a-z’]{2,} [a-z’]{2,} [a-z’]{2,}|[a-z]{2,}\.$")
# Names of keys and of events, media, and what is kept in the browser.
NO_WORDS = {
    "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Enter", "Escape", "Tab", "Home", "End", "Backspace", "Files",
    "Notification", "Shift", "Shift E", "Shift B", "knowledge is closed", "main details form",
}  # fmt: skip


def unsaid(source: str) -> list[str]:
    """What a script would say in English to everybody."""
    code = SAID.sub("said(", COMMENT.sub("", source))
    literals = [TAG.sub("", literal[1:-1]) for literal in LITERAL.findall(code)]
    return [literal for literal in literals if WORDS.search(literal) and literal.strip() not in NO_WORDS]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_a_script_says_nothing_past_the_catalogue(path):
    assert unsaid(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('show("Looking…");', ["Looking…"]),
        ("show(`<p>The server can’t be reached.</p>`);", ["The server can’t be reached."]),
        ("show(`${name} is typing along`);", [" is typing along"]),
        ('show(text("Looking…")); // "Not this"', []),
        ('texts("One waits", "%(num)s wait", count);', []),
        ('document.querySelector("#customer > summary, #labels > summary");', []),
    ],
)
def test_what_is_said_is_told_from_what_is_not(source, found):
    assert unsaid(source) == found
