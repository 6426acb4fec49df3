"""What the assistant knows, and how far it can be relied on."""

from __future__ import annotations

from bot.train import training_failure
from kb.report import MIN_PHRASINGS, LanguageReport, report_on
from odziv.cases.learning.wording import say_reason
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, page
from odziv.texts.desk import _, ngettext, number
from odziv.web.services import services


@blueprint.app_template_global("training_failed")
def training_failed() -> bool:
    """Whether an old intent model serves because the new one could not be trained: shown on every page."""
    return training_failure(services().settings.var) is not None


@blueprint.app_template_global("articles_away")
def articles_away() -> str:
    """What of the articles' folder is away, while what was read last serves: shown on every page; empty while none."""
    return say_reason(services().knowledge.away)


@blueprint.app_template_filter("file_reason")
def label_file_reason(reason: str) -> str:
    """Why a file needs attention."""
    return say_reason(reason)


@page("/assistant", needs=AGENT)
def show_assistant() -> str:
    """Each language's figures, and the files that need attention."""
    report = report_on(services().kb)
    refreshed_at = round(report.refreshed_at.timestamp() * 1000)
    languages = [(language, tell_language(language)) for language in report.languages]
    return show_page(
        "desk/knowledge/assistant.html",
        "assistant",
        report=report,
        languages=languages,
        refreshed_at=refreshed_at,
        failure=training_failure(services().settings.var),
    )


def tell_language(language: LanguageReport) -> list[str]:
    """What a language can be relied on for, a sentence an entry: those of `kb report`, in the reader's language."""
    limits = language.calibration
    thresholds = _(
        "Sure means a confidence of %(sure)s or more; from %(offered)s on, the article is offered as a choice.",
        sure=number(round(limits.answer_from, 2)),
        offered=number(round(limits.suggest_from, 2)),
    )
    if language.why_careful:
        return [
            _("There is too little data to say how often an answer is right (%(why)s).", why=_tell_careful(language)),
            _(
                "The assistant is careful here: it answers only what is very clear, "
                "and otherwise asks back or hands off."
            ),
            thresholds,
        ]
    worked_out = ngettext("Worked out from %(num)s phrasing.", "Worked out from %(num)s phrasings.", limits.questions)
    return [
        _(
            "Of 100 answers given as sure, about %(right)s are right (%(wanted)s are asked for), where a fifth of the "
            "questions are about something else and half of the others repeat a phrasing.",
            right=language.right,
            wanted=number(round(100 * language.wanted_precision, 1)),
        ),
        _(
            "Of 100, about %(right)s are right where a third are about your business and in no article, "
            "and no question repeats a phrasing.",
            right=language.right_near,
        ),
        _(
            "Of 100 questions that an article answers, about %(answered)s get a sure answer.",
            answered=language.answered,
        ),
        f"{worked_out} {thresholds}",
    ]


def _tell_careful(language: LanguageReport) -> str:
    if language.phrasings < MIN_PHRASINGS:
        return ngettext(
            "too few phrasings: %(num)s, and it takes %(least)s",
            "too few phrasings: %(num)s, and it takes %(least)s",
            language.phrasings,
            least=MIN_PHRASINGS,
        )
    return _("the phrasings are too much alike, or too little, to tell a right answer from a wrong one")
