from types import SimpleNamespace

import pytest
from flask import Flask

from kb.commands import ask, kb_cli
from kb.model.confidence import CAREFUL, Calibration
from tests.scratch_articles import write


@pytest.fixture
def run(kb):
    app = Flask(__name__)
    app.extensions["odziv"] = SimpleNamespace(kb=kb)
    app.cli.add_command(kb_cli)
    app.cli.add_command(ask)
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


def test_lint_is_content_with_good_articles(run):
    result = run("kb", "lint")
    assert result.exit_code == 0 and "5 articles published, 0 files set aside" in result.output


def test_lint_names_file_line_and_reason_and_fails(run, kb, folder):
    write(folder, "en/a/broken", "Title", status="live")
    write(folder, "en/a/loose", "Loose end", follow_ups="[orders/nowhere]")
    kb.refresh()
    result = run("kb", "lint")
    assert result.exit_code == 1
    assert "en/a/broken.md:3: `status` must be one of draft, internal, published" in result.output
    assert "en/a/loose.md: `follow_ups` names orders/nowhere" in result.output


def test_a_loose_follow_up_alone_does_not_fail(run, kb, folder):
    write(folder, "en/a/loose", "Loose end", follow_ups="[orders/nowhere]")
    kb.refresh()
    assert run("kb", "lint").exit_code == 0


def test_index_says_of_each_language_that_there_is_too_little(run):
    result = run("kb", "index")
    assert result.exit_code == 0
    for part in (
        "5 articles",
        "sl: 1 article\n",
        "too few phrasings: 3, and it takes 40",
        "The assistant is careful here",
    ):
        assert part in result.output
    assert "problem" not in result.output


def test_index_says_how_sure_is_sure_and_what_is_wrong(run, kb, folder):
    write(folder, "en/a/broken", "Title", status="live")
    kb.refresh()
    sure = Calibration(12.0, -6.0, 0.71, 0.22, precision=0.934, coverage=0.781, questions=412)
    kb._snapshot.calibration = {"sl": CAREFUL, "en": sure}
    output = run("kb", "index").output
    assert "Of 100 answers given as sure, about 93 are right (90 are asked for)." in output
    assert "Of 100 questions that an article answers, about 78 get a sure answer." in output
    assert "from 412 phrasings" in output and "0.71" in output and "0.22" in output
    assert "1 problem:\n  en/a/broken.md:3: `status` must be" in output


def test_ask_shows_hits_evidence_and_decision(run):
    result = run("ask", "how do I return boots", "--lang", "en")
    assert result.exit_code == 0
    for part in ("confidence", "orders/return [en] Return an item", "phrasing", "returns form"):
        assert part in result.output


def test_ask_guesses_the_language_and_refuses_an_unknown_one(run):
    assert "(sl, " in run("ask", "kako lahko vrnem izdelek").output
    assert run("ask", "hello", "--lang", "xx").exit_code == 2


def test_ask_with_nothing_to_say(run):
    assert run("ask", "???", "--lang", "en").output.startswith("none")
