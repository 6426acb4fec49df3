"""Why a file can't be used is English for `kb lint`, and keeps its message and values for whoever says it otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError
from pathlib import Path
from pickle import dumps, loads

import pytest

from kb.sources.articles import parse_article
from kb.sources.editing import NotWritten
from kb.sources.faults import ArticleBroken, Fault, Reason

SOURCES = sorted((Path(__file__).parents[3] / "kb" / "sources").glob("*.py"))
TAKING = {"ArticleBroken": 0, "Fault": 1, "Problem": 2, "Target": None}  # which argument of what is a sentence


def test_it_is_the_english_sentence():
    reason = Reason("`%(key)s` holds %(share)s %%", key="title", share=3)
    assert reason == "`title` holds 3 %" and hash(reason) == hash("`title` holds 3 %")
    assert (reason.message, reason.values) == ("`%(key)s` holds %(share)s %%", {"key": "title", "share": 3})
    assert Fault(1, reason) == Fault(1, str(reason))


def test_a_value_may_be_a_reason_or_several():
    why = Reason("is no %(what)s", what="folder")
    assert Reason("en %(why)s", why=why) == "en is no folder"
    assert Reason("%(all)s", all=(why, Reason("%%d is text"))) == "is no folder, %d is text"


def test_what_is_put_in_is_never_read_as_a_message():
    assert Reason("the link %(link)s leads nowhere", link="%(link)s%n") == "the link %(link)s%n leads nowhere"


@pytest.mark.parametrize("copied", [copy, deepcopy, lambda reason: loads(dumps(reason))])
def test_a_copy_has_all_of_it(copied):
    reason = Reason("%(share)s %% of %(what)s", share="100%", what=Reason("a %(kind)s", kind="folder"))
    twin = copied(reason)
    assert twin == "100% % of a folder" and (twin.message, twin.values) == (reason.message, reason.values)
    assert twin.values["what"].message == "a %(kind)s"


def test_nothing_is_written_for_a_reason():
    refused = NotWritten("%(name)s can’t be written: %(why)s.", name="en/a/b.md", why="No space")
    assert str(refused) == refused.reason == "en/a/b.md can’t be written: No space."
    assert refused.reason.values["name"] == "en/a/b.md"
    with pytest.raises(FrozenInstanceError):
        Fault(1, refused.reason).reason = "another"


def bare_sentences(source: str) -> Iterator[str]:
    """Sentences that are no Reason, or a Reason whose message can't be gathered."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name in TAKING:
            place = TAKING[name]
            given = [*(node.args[place : place + 1] if place is not None else ())]
            given += [word.value for word in node.keywords if word.arg in ("reason", "problem")]
            yield from (ast.unparse(node) for each in given if isinstance(each, ast.Constant | ast.JoinedStr))
        if name in ("Reason", "NotWritten") and not isinstance(node.args[0], ast.Constant):
            yield ast.unparse(node)
        if name in ("Reason", "NotWritten") and any(isinstance(word.value, ast.JoinedStr) for word in node.keywords):
            yield ast.unparse(node)  # Babel warns of it


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_sentence_about_a_file_is_a_reason(path):
    code = (
        path.read_text("utf-8")
        .replace("        super().__init__(str(self.reason))", "")
        .replace("self.reason = Reason(message, **values)", "pass")
    )
    assert list(bare_sentences(code)) == []


@pytest.mark.parametrize(
    "code",
    [
        'Fault(1, "is bad")',
        'raise ArticleBroken(f"{x} is bad")',
        'Problem(name, None, f"is {x}", is_broken=False)',
        'Target(problem="is bad")',
        'Reason(f"{x} is bad")',
        "NotWritten(told, name=name)",
        'Reason("%(name)s is bad", name=f"{x}.md")',
    ],
)
def test_a_bare_sentence_is_found(code):
    assert len(list(bare_sentences(code))) == 1


BROKEN = """---
title: [a]
questions: x
tags:
  - 1
status: live
Title: y
handoff: perhaps
follow_ups: [nothing here]
topics: [x y]
---
<!-- no end
[[gap]] ~~old~~ ##Heading
"""


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfea", b"a\0\xff", b"---\nx", b"---\na: *b\n---\n", b"---\n- a\n---\n", BROKEN.encode()]
)
def test_all_that_is_told_of_a_file_is_a_reason(raw, tmp_path):
    with pytest.raises(ArticleBroken) as broken:
        parse_article(raw, tmp_path / "EN" / "a.md", tmp_path, ["en"])
    assert len(broken.value.faults) >= 1
    assert [fault for fault in broken.value.faults if not isinstance(fault.reason, Reason)] == []
