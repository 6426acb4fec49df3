"""What the knowledge base can be relied on for, in words for an operator: on the command line and in the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kb.model.confidence import MIN_PHRASINGS, Calibration
from kb.served import ServedArticles
from kb.sources.articles import Article, Problem, relative_name
from kb.sources.gaps import gaps_in, name_gaps


@dataclass(frozen=True)
class LanguageReport:
    """One language; `phrasings` are those of its published articles, the wanted shares are from 0 to 1."""

    language: str
    articles: int
    phrasings: int
    wanted_precision: float
    wanted_recall: float
    calibration: Calibration

    @property
    def right(self) -> int:
        """Of 100 answers given as sure, how many are right."""
        return round(100 * self.calibration.precision)

    @property
    def right_near(self) -> int:
        """The same where NEAR_SHARE of the questions are about what no article answers."""
        return round(100 * self.calibration.near_precision)

    @property
    def answered(self) -> int:
        """Of 100 questions that an article answers, how many get a sure answer that is right."""
        return round(100 * self.calibration.coverage)

    @property
    def why_careful(self) -> str | None:
        """Why nothing can be said of how often an answer is right; None when it can."""
        if not self.calibration.is_careful:
            return None
        if self.phrasings < MIN_PHRASINGS:
            return f"too few phrasings: {self.phrasings}, and it takes {MIN_PHRASINGS}"
        return "the phrasings are too much alike, or too little, to tell a right answer from a wrong one"


@dataclass(frozen=True)
class Report:
    """The whole knowledge base as it is served now. `refreshed_at` is when this state was put in place."""

    languages: tuple[LanguageReport, ...]
    articles: int
    problems: tuple[Problem, ...]
    refreshed_at: datetime

    @property
    def broken(self) -> int:
        """How many files are set aside."""
        return len({problem.path for problem in self.problems if problem.is_broken})


def report_on(kb: ServedArticles) -> Report:
    """Return the report on what `kb` serves."""
    articles = kb.articles()
    return Report(
        languages=tuple(
            LanguageReport(
                language=language,
                articles=sum(article.language == language for article in articles),
                phrasings=sum(len(article.questions) for article in articles if article.language == language),
                wanted_precision=kb.answer_precision[language],
                wanted_recall=kb.suggest_recall[language],
                calibration=kb.calibration[language],
            )
            for language in kb.languages
        ),
        articles=len(articles),
        problems=tuple(kb.problems),
        refreshed_at=datetime.fromtimestamp(kb.refreshed_at, UTC),
    )


def hints_of(kb: ServedArticles) -> list[str]:
    """Return what editors may want to see to: gaps in drafts, and topics that articles seem to answer."""
    topics = kb.topics
    hints = [hint for draft in kb.drafts if (hint := hint_of_gaps(draft, kb))]
    for proposal in topics.proposals():
        about = f"{proposal.topic} ({topics.name(proposal.topic, 'en')})"
        decide = "name it in `topics` or `not_topics`, or decide in the desk under Learning → Topics"
        hints.append(f"{proposal.article}: seems to answer {about}, {percent(proposal.sure)} sure; {decide}")
    return hints


def hint_of_gaps(draft: Article, kb: ServedArticles) -> str:
    """Return what is still to be filled in in a draft; empty where nothing is."""
    gaps = gaps_in(draft.title, draft.body)
    if not gaps:
        return ""
    name = relative_name(draft.path, kb.folder)
    return f"{name}: {count(len(gaps), 'gap')} to fill in before it can be published: {name_gaps(gaps)}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as "62 %"."""
    return f"{round(100 * share)} %"


# What calibration takes for granted (kb/model/confidence.py), and what it would be in a harder case.
SUPPOSED = "a fifth of the questions are about something else and half of the others repeat a phrasing"
SUPPOSED_NEAR = "a third are about your business and in no article, and no question repeats a phrasing"


def describe(language: LanguageReport) -> list[str]:
    """Return what a language can be relied on for, a sentence an entry."""
    limits = language.calibration
    thresholds = (
        f"Sure means a confidence of {limits.answer_from:.2f} or more;"
        f" from {limits.suggest_from:.2f} on, the article is offered as a choice."
    )
    if language.why_careful:
        return [
            f"There is too little data to say how often an answer is right ({language.why_careful}).",
            "The assistant is careful here: it answers only what is very clear, and otherwise asks back or hands off.",
            thresholds,
        ]
    return [
        f"Of 100 answers given as sure, about {language.right} are right"
        f" ({100 * language.wanted_precision:g} are asked for), where {SUPPOSED}.",
        f"Of 100, about {language.right_near} are right where {SUPPOSED_NEAR}.",
        f"Of 100 questions that an article answers, about {language.answered} get a sure answer.",
        f"Worked out from {count(limits.questions, 'phrasing')}. {thresholds}",
    ]


def count(number: int, noun: str) -> str:
    """Return "1 article", "2 articles"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
