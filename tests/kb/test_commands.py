from types import SimpleNamespace

import pytest
from flask import Flask

from kb.commands import ask, kb_cli
from kb.knowledge import KnowledgeBase
from kb.model.confidence import CAREFUL, Calibration
from tests.fake_topics import ASKED, WRAPPING, fake_topics
from tests.scratch_articles import write


def runner(kb: KnowledgeBase):
    app = Flask(__name__)
    app.extensions["odziv"] = SimpleNamespace(kb=kb)
    app.cli.add_command(kb_cli)
    app.cli.add_command(ask)
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


@pytest.fixture
def run(kb):
    return runner(kb)


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
    assert "en/a/loose.md:4: `follow_ups` names orders/nowhere" in result.output


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
    assert "Of 100 answers given as sure, about 93 are right (90 are asked for), where a fifth" in output
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


def test_lint_hints_at_gaps_in_drafts_and_at_topics_and_does_not_fail(monkeypatch, folder, open_kb, encoder):
    monkeypatch.setattr("kb.knowledge.load_topics", lambda _: fake_topics(encoder))
    write(folder, "en/gifts/wrap", "Wrap it", [ASKED[WRAPPING]])
    write(folder, "en/gifts/cards", "Cards", body="Valid for [[how long]], [[where]].", status="draft")
    write(folder, "en/gifts/done", "Done", status="draft")
    result = runner(open_kb(library=["returns"]))("kb", "lint")
    assert result.exit_code == 0
    hints = [line for line in result.output.splitlines() if line.startswith("hint: ")]
    assert hints[0] == "hint: en/gifts/cards.md: 2 gaps to fill in before it can be published: [[how long]], [[where]]"
    assert [
        hint
        for hint in hints
        if f"gifts/wrap: seems to answer {WRAPPING} (Gift wrapping), " in hint and " % sure" in hint
    ]
    assert not any("gifts/done" in hint for hint in hints)


@pytest.mark.slow
def test_drafts_to_begin_with(run, folder):
    result = run("kb", "new", "--from-library", "--lang", "en")
    assert (
        result.exit_code == 0 and (folder / "en/returns/period.md").is_file() and not (folder / "sl/returns").exists()
    )
    assert "en/returns/period.md\n" in result.output
    # account/password, delivery/cost and payment/methods are there
    assert "27 drafts written, 3 left out: there already." in result.output
    assert run("kb", "new", "--from-library", "--lang", "en").output.startswith("0 drafts written, 30 left out")
    assert run("kb", "new", "--from-library").output.count("sl/") == 30
    assert run("kb", "new", "--from-library", "--lang", "xx").exit_code == 2
    assert run("kb", "new").exit_code == 2


def test_drafts_that_can_not_be_written_are_told(run, folder):
    (folder / "en" / "contacts").write_text("in the way")
    result = run("kb", "new", "--from-library", "--lang", "en")
    assert result.exit_code == 1 and "can’t be written" in result.output
