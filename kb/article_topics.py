"""The library of topics as editors see it: what each is called, which have an article, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.model.proposals import Proposal, propose
from kb.snapshot import TOPIC_FROM, Snapshot
from kb.sources.topic_editing import name_topic, topics_in_files


@dataclass(frozen=True)
class ArticleTopics:
    """What one state of the knowledge base knows of topics; `root` is the folder of its articles."""

    snapshot: Snapshot
    root: Path
    languages: Sequence[str]

    @property
    def is_on(self) -> bool:
        """Whether any topic of the library counts here."""
        return bool(self.snapshot.counting.any())

    def name(self, topic: str, language: str) -> str:
        """Return what a topic is called; its identity where it has no name in that language."""
        return (self.snapshot.name_of(topic, language) if self.has(topic) else "") or topic

    def has(self, topic: str) -> bool:
        """Return whether the library has such a topic."""
        return topic in self._every

    @property
    def _every(self) -> tuple[str, ...]:
        model = self.snapshot.topics
        return model.topics if model else ()

    def is_answered(self, topic: str) -> bool:
        """Return whether a published article answers a topic."""
        if not self.has(topic):
            return False
        row = self.snapshot.answers[self._every.index(topic)]
        return bool(row[self.snapshot.is_public].any())

    def proposals(self) -> list[Proposal]:
        """Return the topics that count, that articles seem to answer, and about which their files say nothing yet."""
        counting = self.snapshot.counting
        if not counting.any():
            return []
        decided = [stated | denied for stated, denied in zip(self.snapshot.stated, self.snapshot.denied, strict=True)]
        likely = self.snapshot.likely * counting[:, None]
        found = propose(self.snapshot.ids, self._every, likely, decided, TOPIC_FROM)
        written = {each: topics_in_files(self.root, each, self.languages) for each in {p.article for p in found}}
        return [proposal for proposal in found if proposal.topic not in written[proposal.article]]

    def accept(self, article: str, topic: str) -> list[str]:
        """Write a topic into the head of an article's files, for the watcher to find; return the files' names.

        None are returned where they name it already. Raises kb.sources.editing.NotWritten, with nothing changed.
        """
        return name_topic(self.root, article, "topics", topic, self.languages)

    def deny(self, article: str, topic: str) -> list[str]:
        """The same for a topic that the article does not answer: it is not proposed again."""
        return name_topic(self.root, article, "not_topics", topic, self.languages)
