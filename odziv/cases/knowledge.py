"""What the service asks of the knowledge base: answers without Rasa, languages, vectors, and which articles count."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bot.trackers import conversation_of
from bot.vectors import MOST_READ
from kb.language.questions import pieces_of
from kb.served import ServedArticles
from kb.sources.watch import Watcher
from kb.vectors.encoder import EMBEDDED
from odziv.processes.periodic import WatchedThread
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import find_conversation

if TYPE_CHECKING:
    from kb import KnowledgeBase


class Stoppable(Protocol):
    """What goes on until it is stopped."""

    def threads(self) -> list[WatchedThread]: ...

    def stop(self) -> None: ...


class KnowledgeSource(Protocol):
    """What the doors ask, whether the knowledge base is in this process or in another."""

    @property
    def kb(self) -> ServedArticles: ...

    @property
    def away(self) -> str: ...

    def detect_language(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str: ...

    def watch(self) -> Stoppable: ...

    def take_settings(self, settings: Settings) -> None: ...


class KnowledgeBeside(KnowledgeSource, Protocol):
    """What turns and actions ask too, which need it in their own process; tests have one that does as it is told."""

    @property
    def kb(self) -> KnowledgeBase: ...

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any] | None: ...

    def note_to_stranger(self, text: str, language: str) -> str | None: ...

    def vector_of(self, text: str, language: str) -> np.ndarray | None: ...

    def tags_of(self, tracker: str) -> tuple[str, ...]: ...


class ArticleWatch:
    """Takes in what changes in the folder of articles, in a thread of its own."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._thread = WatchedThread("kb-watch", watcher.run, watcher.stopping)
        self._thread.start()

    def threads(self) -> list[WatchedThread]:
        """The one that watches."""
        return [self._thread]

    def stop(self) -> None:
        """Ends it after a refresh under way, or within five seconds."""
        self._watcher.stop()
        self._thread.join(5.0)


class Knowledge:
    """The knowledge base as this installation is set up. `encoder` replaces the one that the settings name."""

    def __init__(self, settings: Settings, store: Store, encoder: Any = None) -> None:
        self._settings, self._store, self._encoder = settings, store, encoder

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base, opened when first needed: `handoffs` and `agents` on the command line don't."""
        # They bring PyTorch and others along: some seconds, some hundred megabytes.
        from kb.knowledge import KnowledgeBase
        from kb.vectors.encoder import load_encoder

        settings = self._settings
        return KnowledgeBase.open(
            settings.articles,
            settings.index,
            self._encoder or load_encoder(settings.encoder),
            languages=settings.languages,
            default_language=settings.default_language,
            answer_precision=settings.answer_precision,
            suggest_recall=settings.suggest_recall,
            library=settings.library,
            clock=lambda: self._store.clock() / 1000,
        )

    def take_settings(self, settings: Settings) -> None:
        """Those that hold from now on; with other languages or shares, the articles are read and calibrated anew."""
        self._settings = settings
        if "kb" in self.__dict__:  # else it will be opened with these
            adopt(self.kb, settings)

    @property
    def away(self) -> str:
        """What of the articles' folder is away, as a sentence for an operator; empty while all is there."""
        return self.kb.away

    def answer_directly(self, text: str, language: str, article: str | None = None) -> dict[str, Any] | None:
        """The knowledge base's own reply, without Rasa; None when it isn't sure."""
        from actions.answer import answer_directly

        return answer_directly(self.kb, text, language, article=article, public_url=self._settings.url)

    def detect_language(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        """Which language a customer writes in."""
        return self.kb.detect_language(text, conversation=conversation, page=page)

    def note_to_stranger(self, text: str, language: str) -> str | None:
        """What to tell a customer whose language isn't served and who is answered in `language`; None for others."""
        return self.kb.note_to_stranger(text, language)

    def vector_of(self, text: str, language: str) -> np.ndarray | None:
        """What Rasa needs to know of a message's meaning, worked out once for both; None: let Rasa see to it.

        Of a longer message it reads only the beginning, the knowledge base all. The questions in it are read with it,
        and what is left of it without numbers, by which the articles are asked: together takes half the time.
        """
        is_shared = self._encoder is None and self._settings.encoder == EMBEDDED and len(text) <= MOST_READ
        if not is_shared:
            return None
        from actions.wording import without_facts  # a command that opens no articles has no use for it

        self.kb.read_ahead([text, without_facts(text), *pieces_of(text, language)])
        return self.kb.vector(text)

    def tags_of(self, tracker: str) -> tuple[str, ...]:
        """Which articles count in the conversation a Rasa tracker is about; empty: all."""
        if not any(site.tags for site in self._settings.sites.values()):
            return ()
        conversation = find_conversation(self._store, conversation_of(tracker))
        return self._settings.tags_of(conversation.site) if conversation else ()

    def watch(self) -> Stoppable:
        """Begins to take in what changes in the folder of articles."""
        return ArticleWatch(Watcher(self.kb))


def adopt(kb: ServedArticles, settings: Settings) -> None:
    """Has an open knowledge base serve as the settings say now."""
    kb.adopt(
        languages=settings.languages,
        default_language=settings.default_language,
        answer_precision=settings.answer_precision,
        suggest_recall=settings.suggest_recall,
    )
