"""What the knowledge base answers with: articles that may answer, and what to do with a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAX_HITS = 5
# A question is answered as sure by no neighbour when it is so likely about a topic without an article, or about any of
# them. Chosen on tests/data/near/choose beside the others' questions.
ELSEWHERE_FROM, UNANSWERED_FROM = 0.5, 0.65
MOST_CHOICES, LEAST_OF_BEST = 3, 0.25  # a choice is at least so likely, as a share of the first one


@dataclass(frozen=True)
class Hit:
    """An article that may answer, with its best passage; `confidence` is the probability that it does.

    `others` are the texts of its other passages, the likeliest first.
    """

    article: str
    language: str
    title: str
    heading: str | None
    text: str
    confidence: float
    evidence: dict[str, float]
    elsewhere: str = ""  # the topic that the question is likeliest about of those that no article answers
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What to do with a question. "answer": hits[0] is it; "suggest": `choices` are what may be; "none".

    `missing` names, in the question's language, the matter that it is likely about and that no article answers.
    `question` is what was asked.
    """

    kind: Literal["answer", "suggest", "none"]
    language: str
    hits: tuple[Hit, ...]
    confidence: float
    question: str = ""
    missing: str = ""

    @property
    def choices(self) -> tuple[Hit, ...]:
        """The hits worth offering, best first: the first one, and those nearly as likely."""
        return tuple(h for h in self.hits[:MOST_CHOICES] if h.confidence >= LEAST_OF_BEST * self.hits[0].confidence)

    @property
    def only_choice(self) -> Hit | None:
        """The hit that alone is worth offering, where the question isn't rather about something else."""
        if self.kind != "suggest" or self.missing or len(self.choices) != 1:
            return None
        return None if is_rather_elsewhere(self.hits[0]) else self.hits[0]


def is_rather_elsewhere(hit: Hit) -> bool:
    """Return whether the question is rather about what no article answers."""
    return hit.evidence["elsewhere"] >= ELSEWHERE_FROM or hit.evidence["unanswered"] >= UNANSWERED_FROM
