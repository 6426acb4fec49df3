"""What the doors share: one `Services` for each application, wired by `odziv.wiring`, found by `services()`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import structlog
from flask import current_app

from kb.served import ServedArticles
from odziv.bus.bus import Bus
from odziv.cases.elsewhere.workers import WorkerClient
from odziv.cases.knowledge import KnowledgeSource, Stoppable
from odziv.cases.queue_monitor import QueueMonitor
from odziv.cases.rules.worker import RulesAtWork
from odziv.cases.settings.following import SettingsFollower
from odziv.cases.turns import Bot
from odziv.processes.periodic import ThreadGuard, WatchedThread
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.set_back import bring_forward
from odziv.web.limits import OpenStreams, RateLimits, Windows
from odziv.web.metrics.figures import Figures
from odziv.web.streams import Hub
from odziv.web.visitor_tokens import VisitorTokens

if TYPE_CHECKING:
    from odziv.shared.redis_server import RedisServer  # its driver is loaded by whoever uses it

log = structlog.get_logger()
# What a process of the product does: serve people, or work for those who do; tests and commands have all in one.
Role = Literal["web", "worker", "all"]


class BackgroundWork(Protocol):
    """Work that goes on beside requests, in threads of its own, from `start` until `stop`."""

    def start(self) -> None: ...

    def threads(self) -> list[WatchedThread]: ...

    def stop(self) -> None: ...


class MailWorker(BackgroundWork, Protocol):
    """Both ways of e-mail; `odziv.mail.service.MailService`."""

    def state(self) -> dict[str, Any] | None: ...

    def take_settings(self, settings: Settings) -> None: ...


class TurnDoor(Protocol):
    """Where the doors say that a customer wrote: the runner of turns itself, or what tells the workers."""

    def remember(self, conversation_id: str, visitor: str) -> None: ...

    def wake(self) -> None: ...


class Waker(Protocol):
    """Who is woken when there is something to do."""

    def wake(self) -> None: ...


@dataclass
class Services:
    """What an application works with. Whoever reads `settings` later reads them here: tests replace them."""

    settings: Settings
    settings_follower: SettingsFollower
    store: Store
    bus: Bus
    hub: Hub
    bot: Bot
    knowledge: KnowledgeSource
    rasa_token: str
    inner_token: str
    metrics_token: str
    visitor_tokens: VisitorTokens
    windows: Windows  # where all limits are counted
    rate_limits: RateLimits
    open_streams: OpenStreams
    redis: RedisServer | None = None
    role: Role = "all"
    workers: WorkerClient | None = None  # whom to ask, in a process that does no work beside requests
    figures: Figures = field(default_factory=Figures)
    # They take from the fields above, so `odziv.wiring` adds them when those are there.
    turns: TurnDoor = field(init=False)
    scheduled_replies: Waker = field(init=False)
    scheduled_actions: Waker = field(init=False)
    # These in a process that does the work itself, only.
    queue_monitor: QueueMonitor = field(init=False, repr=False)
    mail: MailWorker = field(init=False, repr=False)
    rules: RulesAtWork = field(init=False, repr=False)
    webhooks: BackgroundWork = field(init=False, repr=False)
    push: BackgroundWork = field(init=False, repr=False)
    sweeps: tuple[BackgroundWork, ...] = field(init=False, default=())
    work: tuple[BackgroundWork, ...] = field(init=False, default=())  # what goes on beside requests, as it begins
    guard: ThreadGuard = field(init=False)
    _watcher: Stoppable | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.guard = ThreadGuard(self.threads)

    def take_settings(self, settings: Settings) -> None:
        """Those that hold from now on."""
        self.settings = settings

    @property
    def kb(self) -> ServedArticles:
        """The knowledge base; opened with the first call."""
        return self.knowledge.kb

    def start(self) -> None:
        """Begins the work that goes on beside requests: in a worker the bot's turns, looking after the queue and so on;
        everywhere watching articles."""
        if moved := bring_forward(self.store):
            log.warning("clock_was_set_back", rows=moved)
        self.bus.start()
        self._watcher = self.knowledge.watch()
        for worker in self.work:
            worker.start()
        self.guard.start()

    def begin_stop(self) -> None:
        """Ends the streams at once, so that a graceful stop waits only for real requests."""
        self.hub.close()

    def stop(self) -> None:
        """Finishes the turns under way and closes the database."""
        self.hub.close()
        self.guard.stop()
        if self._watcher is not None:
            self._watcher.stop()
        for worker in self.work:
            worker.stop()
        self.bus.stop()
        if self.workers is not None:
            self.workers.close()
        self.store.close()

    def threads(self) -> list[WatchedThread]:
        """Those of the work beside requests."""
        works = (self.bus, *([self._watcher] if self._watcher else ()), *self.work)
        return [thread for work in works for thread in work.threads()]


def services() -> Services:
    """Those of the application that serves this request or runs this command."""
    found: Services = current_app.extensions["odziv"]
    return found
