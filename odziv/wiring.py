"""Builds the `Services` of an application, from settings and from what replaces the usual parts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.client import RasaClient, RasaFailed
from odziv.bus.bus import Bus
from odziv.cases.customer_data.desk_exports import Exports
from odziv.cases.customer_data.erasing import Erasures
from odziv.cases.forgetting import RemainsSweep, SearchFilling
from odziv.cases.knowledge import Knowledge, KnowledgeSource
from odziv.cases.learning.question_scores import QuestionScores
from odziv.cases.macros.worker import ScheduledActions
from odziv.cases.queue.silence import SilentConversations
from odziv.cases.queue_monitor import QueueMonitor
from odziv.cases.retention.deleting import RetentionTask
from odziv.cases.rules.worker import RulesAtWork
from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.cases.turn_runner import TurnRunner
from odziv.cases.turns import Bot
from odziv.chat.verification import check_keys
from odziv.desk.reports.audit import AuditRetention
from odziv.mail.service import MailService
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.opening import open_store
from odziv.web.limits import MovingWindows, OpenStreams, RateLimits, Windows
from odziv.web.services import BackgroundWork, Services
from odziv.web.streams import Hub
from odziv.web.visitor_tokens import VisitorTokens
from odziv.webhooks import WebhookSender

if TYPE_CHECKING:
    from odziv.shared.redis_server import RedisServer


def build_services(
    settings: Settings,
    *,
    store: Store | None = None,
    bot: Bot | None = None,
    knowledge: KnowledgeSource | None = None,
    encoder: Any = None,
    looks_wholly: bool = False,
) -> Services:
    """What an application works with, nothing of it begun. Raises BadSetting.

    A `store` that is given is of this version already; else `looks_wholly` says whether every page of the database is
    looked at before. `encoder` is the knowledge base's, where none is given.
    """
    check_keys(settings)
    store = store or open_store(settings, wholly=looks_wholly)
    redis = build_redis(settings)
    windows = build_windows(settings, redis)
    services = Services(
        settings=settings,
        store=store,
        bus=Bus(store.make_transport(settings.var / "run", f"{os.getpid()}-{store.origin[:6]}"), store.origin),
        hub=Hub(),
        bot=bot or build_bot(settings),
        knowledge=knowledge or Knowledge(settings, store, encoder),
        rasa_token=settings.secret("rasa"),
        metrics_token=settings.secret("metrics"),
        visitor_tokens=VisitorTokens(settings.secret("visitors"), settings.visitor_token_days, lambda: store.clock()),
        windows=windows,
        rate_limits=RateLimits(windows),
        open_streams=OpenStreams(settings.max_streams, settings.limits.streams_per_address),
        redis=redis,
    )
    store.listen(services.hub.touched)
    store.join(services.bus)
    services.hub.join(services.bus)
    add_workers(services)
    return services


def build_redis(settings: Settings) -> RedisServer | None:
    """What the processes count in together, where there is one; its driver is loaded for those only."""
    if not settings.redis_url:
        return None
    from odziv.shared.redis_server import RedisServer

    return RedisServer(settings.redis_url)


def build_windows(settings: Settings, redis: RedisServer | None) -> Windows:
    """Where limits are counted: in this process, or in Redis for all."""
    alone = MovingWindows()
    if redis is None:
        return alone
    from odziv.web.shared_windows import SharedWindows

    return SharedWindows(redis, settings.secret("limits"), alone)


def build_bot(settings: Settings) -> Bot:
    """The client of the Rasa beside us."""
    address = f"http://127.0.0.1:{settings.rasa_port}"
    return RasaClient(address, settings.secret("rasa"), timeout=settings.rasa_timeout_seconds)


def add_workers(services: Services) -> None:
    """What goes on beside requests; `services.start()` begins it."""
    settings, store = services.settings, services.store
    services.turns = TurnRunner(services, RasaFailed, workers=settings.turn_workers)
    services.turns.join(services.bus)
    services.queue_monitor = QueueMonitor(store, settings, services.hub.customer_seen_at)
    services.scheduled_replies = ScheduledReplies(store)
    services.scheduled_actions = ScheduledActions(store, settings)
    services.rules = RulesAtWork(store, settings)
    services.mail = MailService(services)
    services.webhooks = WebhookSender(store, settings)
    services.sweeps = (
        AuditRetention(store, settings.audit_days),
        RemainsSweep(store, settings.var),
        RetentionTask(store, settings),
        Erasures(store, settings),
        Exports(store, settings),
        SearchFilling(store),
        SilentConversations(store, settings),
        QuestionScores(store, services.knowledge),
    )
    services.watches = tuple(list_watches(services))
    for task in (services.queue_monitor, *services.sweeps):
        if not isinstance(task, RemainsSweep | QuestionScores):  # data folder and knowledge base are each server's own
            task.only_while(store.keeps)


def list_watches(services: Services) -> Iterator[BackgroundWork]:
    """Those who look whether what is elsewhere, where there is any of it, is there."""
    if services.redis is not None:
        from odziv.shared.redis_server import RedisWatch

        yield RedisWatch(services.redis)
    if services.store.files.elsewhere is not None:
        from odziv.store.files_s3 import FilesWatch, S3Files

        if isinstance(services.store.files, S3Files):
            yield FilesWatch(services.store.files)
