"""The library of topics as editors see it: what each is called, which have an article, and what is proposed."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.model.proposals import Proposal, propose
from kb.sources.library import LIBRARY
from kb.sources.topic_editing import name_topic, topics_in_files

if TYPE_CHECKING:
    from kb.snapshot import Snapshot


@dataclass(frozen=True)
class TopicNames:
    """Every topic that was learnt, and by language what each is called, in the same order."""

    every: tuple[str, ...] = ()
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def name_of(self, topic: str, language: str) -> str:
        """Return what a topic is called; its identity where it has no name in that language."""
        if topic not in self.every or language not in self.called:
            return topic
        return self.called[language][self.every.index(topic)] or topic


@dataclass(frozen=True)
class TopicState:
    """How the articles that are served stand to the topics: whether any counts, which are answered, and which an
    article seems to answer, whatever its files say."""

    is_on: bool = False
    answered: frozenset[str] = frozenset()
    seeming: tuple[Proposal, ...] = ()


@dataclass(frozen=True)
class ArticleTopics:
    """What one state of the knowledge base knows of topics; `root` is the folder of its articles."""

    names: TopicNames
    state: TopicState
    root: Path
    languages: Sequence[str]

    @property
    def is_on(self) -> bool:
        """Whether any topic of the library counts here."""
        return self.state.is_on

    def name(self, topic: str, language: str) -> str:
        """Return what a topic is called; its identity where it has no name in that language."""
        return self.names.name_of(topic, language)

    def has(self, topic: str) -> bool:
        """Return whether the library has such a topic."""
        return topic in self.names.every

    def is_answered(self, topic: str) -> bool:
        """Return whether a published article answers a topic."""
        return topic in self.state.answered

    def proposals(self) -> list[Proposal]:
        """Return the topics that count, that articles seem to answer, and about which their files say nothing yet."""
        found = self.state.seeming
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


def read_topic_names(path: Path = LIBRARY / "learnt.npz") -> TopicNames:
    """Return what the topics that were learnt are called, without what was learnt of them (kb/model/topics.py); none
    where there is no file that can be read."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as kept:
            called = {
                name.removeprefix("names-"): tuple(map(str, kept[name])) for name in kept.files if name[:6] == "names-"
            }
            return TopicNames(tuple(map(str, kept["topics"])), called)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return TopicNames()


def state_of(snapshot: Snapshot, least: float) -> TopicState:
    """Return how a state of the knowledge base stands to the topics; `least` is how likely (0 to 1) an article's
    phrasings are about one that it seems to answer."""
    counting = snapshot.counting
    if snapshot.topics is None or not counting.any():
        return TopicState()
    every = snapshot.topics.topics
    answered = np.asarray(snapshot.answers[:, snapshot.is_public].any(axis=1))
    decided = [stated | denied for stated, denied in zip(snapshot.stated, snapshot.denied, strict=True)]
    found = propose(snapshot.ids, every, snapshot.likely * counting[:, None], decided, least)
    return TopicState(True, frozenset(each for each, is_so in zip(every, answered, strict=True) if is_so), tuple(found))
