"""Rows in which Redis is emptied, falls over or stands still while everybody is at work: it holds what may be lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from bench.faults.installation import Clock, EchoBot, Installation
from bench.faults.load import Load, run_load
from bench.faults.row import Outcomes, Row, Scene, serving
from tests.shared.own_redis import OwnRedis, running_redis

Fault = Callable[[OwnRedis, Scene, threading.Event], None]


def look(scene: Scene) -> None:
    """Has each server notice how Redis is, as it does every two seconds by itself."""
    for services in scene.services:
        assert services.redis is not None
        services.redis.look()


def flush(redis: OwnRedis, scene: Scene, ending: threading.Event) -> None:
    """Again and again everything in it is gone."""
    while not scene.wait(ending, 0.01, 0.1):
        redis.client.flushall()


def fall_over(redis: OwnRedis, scene: Scene, ending: threading.Event) -> None:
    """It is killed, and an empty one is there a moment later."""
    while not scene.wait(ending, 0.1, 0.3):
        redis.kill()
        scene.wait(ending, 0.0, 0.4)
        redis.start()
        look(scene)


def stand_still(redis: OwnRedis, scene: Scene, ending: threading.Event) -> None:
    """It takes connections and says nothing, for longer than anybody waits for it."""
    while not scene.wait(ending, 0.1, 0.3):
        redis.stop()
        scene.wait(ending, 0.1, 0.6)
        redis.go_on()
        look(scene)


def on_redis(name: str, fault: Fault) -> Row:
    """Two servers that share a Redis, customers and agents at work."""

    def run(installation: Installation, seeds: Iterable[int]) -> Outcomes:
        with running_redis() as redis:
            shared, clock = replace(installation, redis_url=redis.url), Clock()
            with serving(shared, EchoBot(), 2, clock) as (services, agents):
                for seed in seeds:
                    luck = random.Random(f"{name}-{seed}")
                    scene = Scene(shared, services, luck, clock)
                    look(scene)
                    load = Load(seconds=1.5)
                    yield seed, run_load(load, services, agents, luck, lambda ending, s=scene: fault(redis, s, ending))

    return Row(name, run)


ROWS = (
    on_redis("Redis is emptied", flush),
    on_redis("Redis is killed", fall_over),
    on_redis("Redis stands still", stand_still),
)
