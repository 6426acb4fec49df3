"""Commands for the people who write articles: `kb lint`, `kb index` and `ask`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from kb.confidence import Calibration
from kb.knowledge import KnowledgeBase

kb_cli = AppGroup("kb", help="The knowledge base: check it, build its index.")


def knowledge_base() -> KnowledgeBase:
    return current_app.extensions["odziv"].kb


@kb_cli.command("lint")
def lint() -> None:
    """Name every file that needs attention, with line and reason; exit 1 when one was set aside."""
    kb = knowledge_base()
    for problem in kb.problems:
        click.echo(str(problem))
    broken = sum(problem.is_broken for problem in kb.problems)
    click.echo(f"{len(kb.articles())} articles published, {broken} files set aside")
    if broken:
        raise SystemExit(1)


@kb_cli.command("index")
def index() -> None:
    """Bring the index up to date and say how sure is sure, language by language."""
    kb = knowledge_base()
    kb.refresh()
    click.echo(f"{len(kb.articles())} articles, {kb.embedded} texts embedded, the others taken from the index")
    for language, calibration in kb.calibration.items():
        click.echo(f"{language}: {describe(calibration)}")


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


def describe(calibration: Calibration) -> str:
    """Return a calibration as a sentence for an operator."""
    if calibration.is_careful:
        return "too few phrasings to say how often an answer is right; only very clear questions are answered"
    right, found = round(100 * calibration.precision), round(100 * calibration.coverage)
    return (f"of 100 answers given as sure, about {right} are right; of 100 questions an article answers,"
            f" about {found} get such an answer (from {calibration.questions} phrasings)")  # fmt: skip
