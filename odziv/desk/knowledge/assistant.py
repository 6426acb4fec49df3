"""What the assistant knows, and how far it can be relied on."""

from __future__ import annotations

from bot.train import training_failure
from kb.report import describe, report_on
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, page
from odziv.web.services import services


@blueprint.app_template_global("training_failed")
def training_failed() -> bool:
    """Whether an old intent model serves because the new one could not be trained: shown on every page."""
    return training_failure(services().settings.var) is not None


@blueprint.app_template_global("articles_away")
def articles_away() -> str:
    """What of the articles' folder is away, while what was read last serves: shown on every page; empty while none."""
    return services().knowledge.away


@page("/assistant", needs=AGENT)
def show_assistant() -> str:
    """Each language's figures, and the files that need attention."""
    report = report_on(services().kb)
    refreshed_at = round(report.refreshed_at.timestamp() * 1000)
    languages = [(language, describe(language)) for language in report.languages]
    return show_page(
        "desk/knowledge/assistant.html",
        "assistant",
        report=report,
        languages=languages,
        refreshed_at=refreshed_at,
        failure=training_failure(services().settings.var),
    )
