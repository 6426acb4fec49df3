"""Rows in which whole processes are killed, stopped and started again: the product as it is served.

Customers are at the widget's interface, agents at the product's verbs, on a store of their own, as a command has one.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from bench.faults.installation import Installation
from bench.faults.invariants import Breach, Told, find_breaches, read_kept
from bench.faults.load import SETTLE_SECONDS, WORDS, Outcome, Worker, add_agents, luck_of
from bench.faults.points.sitecustomize import MOMENTS
from bench.faults.row import Outcomes, Row
from bench.parts.ledger import Acknowledged
from bench.parts.processes import kill, read_process
from bench.parts.product import ROOT, Product
from bench.parts.visitor import Visitor, open_client
from bench.parts.web_alone import WebAlone
from odziv.store import Store
from odziv.store.conversations.turns import find_next_turn
from odziv.store.engine import StoreFailed

POINTS = Path(__file__).parent / "points"
CUSTOMERS, AGENTS = 4, 2
FIRES_WITHIN, BACK_WITHIN = 30.0, 120.0  # seconds
PREPARED = ROOT / "var"
Server = WebAlone | Product
Fault = Callable[[Server, random.Random], None]


class NotFired(Exception):
    """What was to go wrong didn't."""


@contextmanager
def trapped(folder: Path) -> Iterator[None]:
    """Processes that are started meanwhile look for the file that names the moment at which they are to end."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "ODZIV_BENCH_FAULT")}
    os.environ.update(PYTHONPATH=str(POINTS), ODZIV_BENCH_FAULT=str(folder / "fault"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def kill_at(moment: str, server: Server, luck: random.Random, *, role: str = "web") -> None:
    """Has the process of that role end at one of its next such moments."""
    file = server.folder / "fault"
    fired = file.with_name("fault.fired")
    fired.unlink(missing_ok=True)
    draft = file.with_name("fault.new")
    draft.write_text(f"{role}, {moment} {luck.randint(1, 12)}", encoding="ascii")
    draft.rename(file)
    ends = time.monotonic() + FIRES_WITHIN
    while not fired.exists():
        if time.monotonic() > ends:
            raise NotFired(f"no {role} process was killed {moment}")
        time.sleep(0.02)


def kill_role(role: str, server: Server, luck: random.Random) -> None:
    """Kills one of the processes at any moment."""
    signal_role(role, signal.SIGKILL, server)


def end_role(role: str, server: Server, luck: random.Random) -> None:
    """Asks one of the processes to end."""
    signal_role(role, signal.SIGTERM, server)


def stop_role(role: str, server: Server, luck: random.Random) -> None:
    """Stops one of the processes for some seconds."""
    pid = signal_role(role, signal.SIGSTOP, server)
    time.sleep(luck.uniform(1.0, 8.0))
    with suppress(ProcessLookupError):  # it was killed and started again
        os.kill(pid, signal.SIGCONT)


def signal_role(role: str, number: signal.Signals, server: Server) -> int:
    """Sends a signal to a process of the server; returns its id. Raises NotFired when it isn't there."""
    ends = time.monotonic() + BACK_WITHIN
    while time.monotonic() < ends:
        if (found := server.roles().get(role)) is not None:
            if number == signal.SIGKILL:
                kill(found)
            else:
                os.kill(found.pid, number)
            return found.pid
        time.sleep(0.1)
    raise NotFired(f"there was no {role}")


def kill_supervisor(server: Server, luck: random.Random) -> None:
    """Kills the supervisor, with which both its children end, and starts another."""
    assert isinstance(server, Product)
    server.roles()
    supervisor = read_process(server.pid)
    if supervisor is None or not kill(supervisor):
        raise NotFired("there was no supervisor")
    server.stop()
    server.__enter__()


def spoil_index(how: Callable[[Path, random.Random], None], server: Server, luck: random.Random) -> None:
    """Damages or removes the index, and then kills the web process, which finds it so when it starts again."""
    for file in (server.var / "index").rglob("*"):
        if file.is_file() and luck.random() < 0.7:
            how(file, luck)
    kill_role("worker", server, luck)


def damage(file: Path, luck: random.Random) -> None:
    """Writes nonsense over a part of it."""
    with open(file, "r+b") as opened:
        opened.seek(luck.randrange(max(1, file.stat().st_size)))
        opened.write(luck.randbytes(64))


def remove(file: Path, _luck: random.Random) -> None:
    """Removes it."""
    file.unlink()


def on_web_alone(name: str, fault: Fault, *, articles: Path | None = None) -> Row:
    """A row on the web process without Rasa; with `articles`, and the encoder, where it is about them."""

    def run(installation: Installation, seeds: Iterable[int]) -> Outcomes:
        if articles is not None:
            shutil.copytree(articles, installation.folder / "articles" / "en" / articles.name)
        with trapped(installation.folder), WebAlone(installation.folder, settings_for(installation)) as server:
            yield from spend(installation, server, name, fault, seeds)

    return Row(name, run)


def on_product(name: str, fault: Fault) -> Row:
    """A row on the whole product, with a model and an index that were made before."""

    def run(installation: Installation, seeds: Iterable[int]) -> Outcomes:
        quiet = lambda _text: None  # noqa: E731
        with (
            trapped(installation.folder),
            Product(installation.folder, PREPARED, quiet, settings_for(installation)) as server,
        ):
            yield from spend(installation, server, name, fault, seeds)

    return Row(name, run)


def settings_for(installation: Installation) -> dict[str, object]:
    """What differs from the shipped ones."""
    url = installation.url if installation.kind == "postgresql" else ""
    return {"database_url": url, "desk": {"undo_seconds": 0}, "log_level": "WARNING"}


def spend(installation: Installation, server: Server, name: str, fault: Fault, seeds: Iterable[int]) -> Outcomes:
    """Each seed: customers and agents at work, the fault, and everything at its end."""
    kind_url = installation.url if installation.kind == "postgresql" else f"sqlite:///{server.var / 'odziv.sqlite'}"
    store = Store(kind_url, files=server.var / "attachments")
    try:
        agents = add_agents(store, AGENTS)
        for seed in seeds:
            luck = random.Random(f"{name}-{seed}")
            yield seed, asyncio.run(spend_one(store, server, agents, luck, fault))
    finally:
        store.close()


async def spend_one(store: Store, server: Server, agents, luck: random.Random, fault: Fault) -> Outcome:
    """One seed."""
    ending, problems = threading.Event(), []
    async with open_client(server.url) as client:
        visitors = [Visitor(client, "en") for _ in range(CUSTOMERS)]
        for visitor in visitors:
            await visitor.open()
        theirs = frozenset(visitor.id for visitor in visitors)
        workers = [Worker(store, agent, luck_of(luck), lambda: 0.0, theirs) for agent in agents]
        threads = [threading.Thread(target=worker.work, args=(ending,), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        following = [asyncio.create_task(visitor.follow()) for visitor in visitors]
        talking = [asyncio.create_task(talk(visitor, luck_of(luck), ending)) for visitor in visitors]
        await asyncio.sleep(luck.uniform(0.2, 1.0))
        try:
            await asyncio.to_thread(fault, server, luck)
        except NotFired as error:
            problems.append(Breach("not fired", "", str(error)))
        await asyncio.sleep(luck.uniform(0.2, 1.0))
        ending.set()
        problems += await come_to_end(store, server, talking, threads)
        views = {visitor.id: (await visitor.log())[0] for visitor in visitors}
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    for visitor in visitors:
        with store.read() as connection:
            kept = read_kept(connection, visitor.id)
        problems += find_breaches(told_by(visitor), kept, {"the widget": views[visitor.id]})
    return Outcome(
        problems,
        acknowledged=sum(len(visitor.sent) for visitor in visitors),
        again=sum(sent.tries - 1 for visitor in visitors for sent in visitor.sent),
        claims=sum(len(worker.won) for worker in workers),
    )


async def talk(visitor: Visitor, luck: random.Random, ending: threading.Event) -> None:
    """Writes now and then, until it is time to go; the last message is acknowledged too."""
    while not ending.is_set():
        await visitor.post(luck.choice(WORDS))
        await asyncio.sleep(luck.uniform(0.0, 0.2))


async def come_to_end(
    store: Store, server: Server, talking: list[asyncio.Task], threads: list[threading.Thread]
) -> list[Breach]:
    """Waits until the server is back, everybody has gone, and no turn waits."""
    began = time.monotonic()
    while not await asyncio.to_thread(server.is_ready):
        if time.monotonic() - began > BACK_WITHIN:
            return [Breach("away", "", f"the server is not back after {BACK_WITHIN:.0f} s")]
        await asyncio.sleep(0.2)
    done, late = await asyncio.wait(talking, timeout=SETTLE_SECONDS)
    for task in late:
        task.cancel()
    for thread in threads:
        await asyncio.to_thread(thread.join, SETTLE_SECONDS)
    await asyncio.to_thread(wait_for_turns, store)
    found = [
        Breach("failed", "", f"a customer could not go on: {task.exception()!r}") for task in done if task.exception()
    ]
    return found + ([Breach("hangs", "", f"{len(late)} customers wait to be acknowledged")] if late else [])


def wait_for_turns(store: Store) -> None:
    """Until none waits or runs, or for a lease and a little."""
    ends = time.monotonic() + 2 * SETTLE_SECONDS
    while time.monotonic() < ends:
        with suppress(StoreFailed):
            if find_next_turn(store) is None:
                return
        time.sleep(0.1)


def told_by(visitor: Visitor) -> Told:
    """What this customer's side holds."""
    acknowledged = [Acknowledged(sent.client_id, sent.text, sent.seq) for sent in visitor.sent]
    return Told(visitor.id, acknowledged, visitor.tried, [arrival.message["seq"] for arrival in visitor.seen])


WORKERS = ("before commit", "after commit")  # it acknowledges nothing to customers
ARTICLES = ROOT / "kb" / "articles" / "en" / "account"
ROWS = (
    *(on_web_alone(f"the web process is killed {moment}", partial(kill_at, moment)) for moment in MOMENTS),
    on_web_alone("the web process's master is killed", partial(kill_role, "master")),
    on_web_alone("the web process gets SIGTERM", partial(end_role, "master")),
    on_web_alone("the index is damaged", partial(spoil_index, damage), articles=ARTICLES),
    on_web_alone("the index is deleted", partial(spoil_index, remove), articles=ARTICLES),
    *(on_product(f"web beside a worker is killed {moment}", partial(kill_at, moment)) for moment in MOMENTS),
    *(on_product(f"the worker is killed {moment}", partial(kill_at, moment, role="worker")) for moment in WORKERS),
    on_product("the worker gets SIGSTOP", partial(stop_role, "worker")),
    on_product("Rasa is killed", partial(kill_role, "rasa")),
    on_product("Rasa gets SIGSTOP", partial(stop_role, "rasa")),
    on_product("the supervisor is killed", kill_supervisor),
)
