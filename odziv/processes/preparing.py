"""What a start does once, in a process of its own: all that is loaded for it goes with that, and who watches stays
small."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.launch import die_with
from odziv.processes.starting import EMBED_EXAMPLES, StartFailed, find_articles, told_at_the_start
from odziv.settings import BadSetting, Settings

if TYPE_CHECKING:
    from odziv.store import Store

LOOK_SECONDS = 0.5  # between two looks whether to stop
END_SECONDS = 5.0  # for which it may take to end
Say = Callable[[str], None]


class Stopped(Exception):
    """We were told to stop before it was done."""


class Preparation:
    """A process that prepares a start; `with Preparation(…)` begins and ends it.

    It is forked, so begin it before there are threads. What it can't do raises StartFailed with a sentence, here.
    """

    def __init__(self, settings: Settings, say: Say, stop: threading.Event) -> None:
        self._stop = stop
        forks = multiprocessing.get_context("fork")
        self._asking, answering = forks.Pipe()
        arguments = (answering, self._asking, settings, say, os.getpid())
        self._process = forks.Process(target=_work, args=arguments, name="preparation", daemon=True)
        self._process.start()
        answering.close()

    def __enter__(self) -> Preparation:
        return self

    def __exit__(self, *exception: object) -> None:
        self.end()

    def look(self) -> Path:
        """Brings the database to this version, and finds the folder of articles to train with."""
        found: Path = self._ask("look")
        return found

    def train(self, articles: Path) -> Path:
        """The intent model to serve, trained where something changed."""
        model: Path = self._ask("train", articles)
        return model

    def invite(self) -> str | None:
        """What is secret of a link by which the first agent gets in; None where there is an agent."""
        token: str | None = self._ask("invite")
        return token

    def end(self) -> None:
        """Ends it, also while it is at work. May be called again."""
        self._asking.close()
        self._process.terminate()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _ask(self, step: str, *arguments: Any) -> Any:
        """Raises StartFailed, and Stopped."""
        try:
            self._asking.send((step, arguments))
            while not self._asking.poll(LOOK_SECONDS):
                if self._stop.is_set():
                    raise Stopped
            answer = self._asking.recv()
        except (EOFError, OSError) as error:
            if self._stop.is_set():  # a service manager tells all processes at once
                raise Stopped from error
            raise StartFailed("the process that prepares the start was ended by somebody, or by the system") from error
        if isinstance(answer, StartFailed):
            raise answer
        return answer


def _work(answering: Connection, asking: Connection, settings: Settings, say: Say, parent: int) -> None:
    """Does what it is asked for, until nobody is there to ask."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what we inherited would only note it
    die_with(parent)
    asking.close()  # else ours would keep the other end open
    steps = _Steps(settings, say)
    while True:
        try:
            step, arguments = answering.recv()
        except EOFError:
            return
        answering.send(_try(settings, getattr(steps, step), arguments))


def _try(settings: Settings, step: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        with told_at_the_start(settings):
            return step(*arguments)
    except (BadSetting, StartFailed) as error:
        return StartFailed(str(error))
    except Exception as error:
        traceback.print_exc()
        return StartFailed(f"{type(error).__name__}: {error}")


class _Steps:
    """What is done in that process. Its libraries are loaded here, and nowhere above."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings, self._say = settings, say
        self._store: Store | None = None

    def look(self) -> Path:
        from odziv.store.backups.restoring import clear_stage
        from odziv.store.opening import open_store

        clear_stage(self._settings.var)
        articles = find_articles(self._settings, self._say)
        self._store = open_store(self._settings, wholly=True)
        return articles

    def train(self, articles: Path) -> Path:
        from bot.train import train
        from odziv.texts.small_talk import write_responses

        return train(
            var=self._settings.var,
            articles=articles,
            languages=self._settings.languages,
            responses=write_responses(),
            say=self._say,
            embed=EMBED_EXAMPLES,
        )

    def invite(self) -> str | None:
        from odziv.store.agents.agent import invite_first

        assert self._store is not None
        return invite_first(self._store)
