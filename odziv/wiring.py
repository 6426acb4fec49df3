"""Builds the `Services` of an application, from settings and from what replaces the usual parts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from bot.client import RasaClient, RasaFailed
from bot.several import SeveralRasas
from odziv.bus.bus import Bus
from odziv.cases.customer_data.desk_exports import Exports
from odziv.cases.customer_data.erasing import Erasures
from odziv.cases.elsewhere.knowledge import KnowledgeElsewhere
from odziv.cases.elsewhere.work import TurnsElsewhere, WakerElsewhere
from odziv.cases.elsewhere.workers import WorkerClient
from odziv.cases.forgetting import RemainsSweep, SearchFilling
from odziv.cases.knowledge import Knowledge, KnowledgeBeside, KnowledgeSource
from odziv.cases.learning.question_scores import QuestionScores
from odziv.cases.macros.worker import ACTIONS_DUE, ScheduledActions
from odziv.cases.push.notifier import PushNotifier
from odziv.cases.queue.silence import SilentConversations
from odziv.cases.queue_monitor import QueueMonitor
from odziv.cases.retention.deleting import RetentionTask
from odziv.cases.rules.worker import RulesAtWork
from odziv.cases.scheduled_replies import DUE, ScheduledReplies
from odziv.cases.settings.following import KeepsSettings, SettingsFollower
from odziv.cases.turn_runner import TurnRunner
from odziv.cases.turns import Bot, TurnServices
from odziv.chat.verification import check_keys
from odziv.desk.reports.audit import AuditRetention
from odziv.mail.service import MailService
from odziv.push import PushSender
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.opening import open_store
from odziv.web.limits import MovingWindows, OpenStreams, RateLimits, Windows
from odziv.web.services import BackgroundWork, Role, Services
from odziv.web.streams import Hub
from odziv.web.visitor_tokens import VisitorTokens
from odziv.webhooks import WebhookSender

if TYPE_CHECKING:
    from odziv.shared.redis_server import RedisServer


def build_services(
    settings: Settings,
    *,
    role: Role = "all",
    store: Store | None = None,
    bot: Bot | None = None,
    knowledge: KnowledgeSource | None = None,
    encoder: Any = None,
    looks_wholly: bool = False,
) -> Services:
    """What an application works with, nothing of it begun. Raises BadSetting.

    A process of the role "web" asks the workers and is woken by them; "worker" and "all" do the work themselves.
    A `store` that is given is of this version already; else `looks_wholly` says whether every page of the database is
    looked at before. `encoder` is the knowledge base's, where none is given.
    """
    check_keys(settings)
    store = store or open_store(settings, wholly=looks_wholly)
    follower = SettingsFollower(store, settings)
    settings = follower.settings
    redis = build_redis(settings)
    windows = build_windows(settings, redis)
    workers = WorkerClient(settings.worker_urls, settings.secret("workers")) if role == "web" else None
    services = Services(
        settings=settings,
        settings_follower=follower,
        store=store,
        bus=Bus(store.make_transport(settings.var / "run", f"{role}-{os.getpid()}-{store.origin[:6]}"), store.origin),
        hub=Hub(),
        bot=bot or build_bot(settings),
        knowledge=knowledge or build_knowledge(settings, store, workers, encoder),
        rasa_token=settings.secret("rasa"),
        inner_token=settings.secret("workers"),
        metrics_token=settings.secret("metrics"),
        visitor_tokens=VisitorTokens(settings.secret("visitors"), settings.visitor_token_days, lambda: store.clock()),
        windows=windows,
        rate_limits=RateLimits(windows),
        open_streams=OpenStreams(settings.max_streams, settings.limits.streams_per_address),
        redis=redis,
        role=role,
        workers=workers,
    )
    store.listen(services.hub.touched)
    store.listen(follower.hear)
    store.join(services.bus)
    services.hub.join(services.bus)
    if workers is None:
        add_work(services)
    else:
        add_doors_to_work(services)
    services.work = (follower, *list_watches(services), *services.work)
    follow_settings(services)
    return services


def follow_settings(services: Services) -> None:
    """Gives those who keep settings for longer than a request the new ones, after each change at the desk."""
    takers = services.settings_follower.takers
    takers += [services.take_settings, services.knowledge.take_settings]
    if services.workers is not None:
        takers.append(partial(take_mail_domain, services))
        return
    takers.append(services.mail.take_settings)
    sweeps = [task for task in services.sweeps if isinstance(task, KeepsSettings)]
    keepers = (services.queue_monitor, services.scheduled_actions, services.rules, services.push, *sweeps)
    for keeper in keepers:
        takers.append(partial(setattr, keeper, "settings"))


def build_redis(settings: Settings) -> RedisServer | None:
    """What the processes count in together, where there is one; its driver is loaded for those only."""
    if not settings.redis_url:
        return None
    from odziv.shared.redis_server import RedisServer

    return RedisServer(settings.redis_url)


def list_watches(services: Services) -> Iterator[BackgroundWork]:
    """Those who look whether what is elsewhere, where there is any of it, is there."""
    if services.redis is not None:
        from odziv.shared.redis_server import RedisWatch

        yield RedisWatch(services.redis)
    if services.store.files.elsewhere is not None:
        from odziv.store.files_s3 import FilesWatch, S3Files

        if isinstance(services.store.files, S3Files):
            yield FilesWatch(services.store.files)


def build_windows(settings: Settings, redis: RedisServer | None) -> Windows:
    """Where limits are counted: in this process, or in Redis for all."""
    alone = MovingWindows()
    if redis is None:
        return alone
    from odziv.web.shared_windows import SharedWindows

    return SharedWindows(redis, settings.secret("limits"), alone)


def build_bot(settings: Settings) -> Bot:
    """The client of the Rasas that are named, else of the one beside us."""
    token, seconds = settings.secret("rasa"), settings.rasa_timeout_seconds
    if settings.rasa_urls:
        return SeveralRasas(settings.rasa_urls, token, seconds)
    return RasaClient(settings.rasa_url, token, seconds)


def build_knowledge(settings: Settings, store: Store, workers: WorkerClient | None, encoder: Any) -> KnowledgeSource:
    """The knowledge base itself, or where there are `workers` the articles and a way to ask those."""
    if workers is not None:
        return KnowledgeElsewhere(settings, workers, lambda: store.clock())
    return Knowledge(settings, store, encoder)


def add_doors_to_work(services: Services) -> None:
    """What tells the workers that there is something to do."""
    take_mail_domain(services, services.settings)
    services.turns = TurnsElsewhere(services.bus, services.inner_token)
    services.scheduled_replies = WakerElsewhere(services.bus, DUE)
    services.scheduled_actions = WakerElsewhere(services.bus, ACTIONS_DUE)


def take_mail_domain(services: Services, settings: Settings) -> None:
    """What the store has to know of our address: the worker's mail service sees to it there."""
    services.store.mail_domain = settings.mail.domain if settings.mail.is_on else None


def add_work(services: Services) -> None:
    """What goes on beside requests; `services.start()` begins it."""
    settings, store, bus = services.settings, services.store, services.bus
    services.turns = turns = TurnRunner(cast(TurnServices, services), RasaFailed, workers=settings.turn_workers)
    services.scheduled_replies = replies = ScheduledReplies(store)
    services.scheduled_actions = actions = ScheduledActions(store, settings)
    for woken in (turns, replies, actions):
        woken.join(bus)
    services.queue_monitor = QueueMonitor(store, settings, services.hub.customer_seen_at)
    services.mail = MailService(services)
    services.rules = RulesAtWork(store, settings)
    services.webhooks = WebhookSender(store, settings)
    services.push = PushSender(store, settings)
    services.sweeps = (
        AuditRetention(store, settings),
        RemainsSweep(store, settings.var),
        RetentionTask(store, settings),
        Erasures(store, settings),
        Exports(store, settings),
        SearchFilling(store),
        SilentConversations(store, settings),
        PushNotifier(store, settings),
        QuestionScores(store, cast(KnowledgeBeside, services.knowledge)),
    )
    for task in (services.queue_monitor, *services.sweeps):
        if not isinstance(task, RemainsSweep | QuestionScores):  # data folder and knowledge base are each server's own
            task.only_while(store.keeps)
    # In the order in which they begin and end: no mail is taken in once nobody answers it.
    beside = (replies, actions, services.rules, services.webhooks, services.push)
    services.work = (services.mail, turns, services.queue_monitor, *beside, *services.sweeps)
