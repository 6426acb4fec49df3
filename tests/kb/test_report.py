"""What is said of a language to an operator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kb.model.confidence import CAREFUL, Calibration
from kb.report import LanguageReport, describe, report_on
from tests.scratch_articles import write

SURE = Calibration(12.0, -6.0, 0.713, 0.224, precision=0.934, coverage=0.781, questions=412, near_precision=0.841)


def test_a_report_counts_what_customers_get(kb, folder):
    write(folder, "en/a/draft", "Draft", ["one", "two"], status="draft")
    write(folder, "en/a/broken", "Broken", status="live")
    write(folder, "sl/a/loose", "Loose", ["tri"], follow_ups="[a/nowhere]")
    kb.refresh()
    report = report_on(kb)
    assert [(each.language, each.articles, each.phrasings) for each in report.languages] == [
        ("sl", 2, 4),
        ("en", 4, 12),
    ]
    assert (report.articles, len(report.problems), report.broken) == (6, 2, 1)
    assert (datetime.now(UTC) - report.refreshed_at).total_seconds() < 300


def test_figures_in_words():
    text = describe(LanguageReport("pl", 45, 412, 0.925, 0.95, SURE))
    supposed = "where a fifth of the questions are about something else and half of the others repeat a phrasing."
    assert text[0] == f"Of 100 answers given as sure, about 93 are right (92.5 are asked for), {supposed}"
    assert text[1] == (
        "Of 100, about 84 are right where a third are about your business and in no article, and no question repeats a"
        " phrasing."
    )
    assert text[2] == "Of 100 questions that an article answers, about 78 get a sure answer."
    assert "412 phrasings" in text[3] and "0.71" in text[3] and "0.22" in text[3]


@pytest.mark.parametrize(("phrasings", "why"), [(12, "too few phrasings: 12, and it takes 40"), (40, "too much alike")])
def test_too_little_is_said_and_why(phrasings, why):
    text = " ".join(describe(LanguageReport("hr", 3, phrasings, 0.9, 0.95, CAREFUL)))
    assert "too little data" in text and why in text and "careful" in text
    assert "are right (" not in text and "0.90" in text
