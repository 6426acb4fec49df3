"""Commands for the people who write articles: `kb lint`, `kb index`, `kb new` and `ask`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from kb.report import count, describe, hints_of, report_on
from kb.sources.editing import NotWritten
from kb.sources.first_drafts import write_drafts

if TYPE_CHECKING:
    from kb.knowledge import KnowledgeBase

kb_cli = AppGroup("kb", help="The knowledge base: check it, build its index, begin one.")


def knowledge_base() -> KnowledgeBase:
    return current_app.extensions["odziv"].kb


@kb_cli.command("lint")
def lint() -> None:
    """Name every file that needs attention, with line and reason; exit 1 when one was set aside.

    Hints say which drafts still have gaps to fill in, and which topics articles seem to answer and don't name.
    """
    kb = knowledge_base()
    for problem in kb.problems:
        click.echo(str(problem))
    for hint in hints_of(kb):
        click.echo(f"hint: {hint}")
    broken = len({problem.path for problem in kb.problems if problem.is_broken})
    click.echo(f"{len(kb.articles())} articles published, {broken} files set aside")
    if broken:
        raise SystemExit(1)


@kb_cli.command("index")
def index() -> None:
    """Bring the index up to date and say how sure is sure, language by language."""
    kb = knowledge_base()
    kb.refresh()
    report = report_on(kb)
    click.echo(
        f"{count(report.articles, 'article')} in {count(len(report.languages), 'language')}, "
        f"{count(kb.embedded, 'text')} embedded, the others taken from the index, {report.refreshed_at:%F %H:%M} UTC"
    )
    for language in report.languages:
        click.echo(f"\n{language.language}: {count(language.articles, 'article')}")
        for sentence in describe(language):
            click.echo(f"  {sentence}")
    if report.problems:
        click.echo(f"\n{count(len(report.problems), 'problem')}:")
        for problem in report.problems:
            click.echo(f"  {problem}")


@kb_cli.command("new")
@click.option("--from-library", is_flag=True, required=True, help="Drafts of what customers need most.")
@click.option("--lang", "languages", multiple=True, help="A language to write them in; all when left out.")
def new(from_library: bool, languages: tuple[str, ...]) -> None:
    """Write drafts to begin with among the articles; what is there already stays as it is."""
    kb = knowledge_base()
    for language in languages:
        if language not in kb.languages:
            raise click.BadParameter(f"must be one of {', '.join(kb.languages)}", param_hint="--lang")
    try:
        written = write_drafts(kb.folder, languages or kb.languages, kb.every_article)
    except NotWritten as problem:
        raise click.ClickException(str(problem)) from problem
    for name in written.new:
        click.echo(name)
    left_out = f", {len(written.left_out)} left out: there already" if written.left_out else ""
    click.echo(
        f"{count(len(written.new), 'draft')} written{left_out}. Fill in what stands in [[…]], then publish them."
    )


@click.command("ask")
@click.argument("question")
@click.option("--lang", "language", help="Language of the question; guessed from it when left out.")
@click.option("--internal", is_flag=True, help="Search articles for agents too.")
@with_appcontext
def ask(question: str, language: str | None, internal: bool) -> None:
    """Show what the assistant would do with QUESTION, and why."""
    kb = knowledge_base()
    if language and language not in kb.languages:
        raise click.BadParameter(f"must be one of {', '.join(kb.languages)}", param_hint="--lang")
    language = language or kb.detect_language(question)
    decision = kb.decide(question, language, include_internal=internal)
    limits = kb.calibration[language]
    click.echo(f"{decision.kind} ({decision.language}, confidence {decision.confidence:.2f};"
               f" answers from {limits.answer_from:.2f}, suggests from {limits.suggest_from:.2f})")  # fmt: skip
    for hit in decision.hits:
        evidence = "  ".join(f"{name} {value:.2f}" for name, value in hit.evidence.items())
        click.echo(f"{hit.confidence:6.2f}  {hit.article} [{hit.language}] {hit.title}\n        {evidence}")
    if decision.hits:
        best = decision.hits[0]
        click.echo(f"\n{best.heading or best.title}\n{best.text}")
