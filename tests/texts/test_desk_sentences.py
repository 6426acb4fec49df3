"""What Python says to agents goes through the catalogue: refusals, what a press is answered with, entries of a log."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The interface for programs speaks English, and so do commands.
FILES = [path for part in ("cases", "desk", "web") for path in sorted((ROOT / "odziv" / part).rglob("*.py"))
         if "api" not in path.parts and not path.stem.endswith("commands")]  # fmt: skip
# Which argument of what is a sentence for agents.
SAYING = {"Refused": 1, "UnreadMessage": 1, "UnconfirmedMerge": 1, "MissingFields": 1, "Wrong": 1, "flash": 0,
          "internal_entry": 0, "ValidationError": 0, "InputRequired": 0}  # fmt: skip


def unsaid(source: str) -> Iterator[str]:
    """Sentences that would be in English for everybody."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        place = SAYING.get(name)
        if place is not None and len(node.args) > place:
            yield from (ast.unparse(each) for each in _choices(node.args[place]) if _is_words(each))


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    else:
        yield node


def _is_words(node: ast.expr) -> bool:
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    said = "".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant))
    return any(word.isalpha() for word in said.replace("%(", " (").split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "odziv").as_posix())
def test_python_says_nothing_past_the_catalogue(path):
    assert list(unsaid(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise Refused(Kind.CONFLICT, "Nothing changed.")', ["'Nothing changed.'"]),
        ('flash(f"Saved {name}." if new else _("Known."))', ["f'Saved {name}.'"]),
        ('internal_entry("%(name)s: %(note)s", name=a, note=b)', []),
        ('flash(_("Saved %(name)s.", name=name)); raise Refused(kind, problem)', []),
    ],
)
def test_what_is_said_past_it_is_found(source, found):
    assert list(unsaid(source)) == found
