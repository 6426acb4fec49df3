"""Kills parts of the product at random moments under load, then checks what was kept: `python -m bench.kills`."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, create_engine, func, select

from bench.parts.ledger import Account, Acknowledged, Kept, Violation, find_violations
from bench.parts.processes import Process, kill
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.visitor import Visitor, open_client
from bench.parts.wording import LANGUAGES, read_questions
from odziv.store.schema import handoffs, messages, turns

CUSTOMERS = 6
ROLES = ("web", "web-master", "worker", "worker-master", "rasa")
# Seconds between kills. A restart takes 6 to 10 s here: most kills find a product at work, some one just coming up.
SOON, LATER, SHARE_SOON = (0.2, 3.0), (5.0, 17.0), 0.25
BACK_WITHIN = 300.0  # seconds, on a busy machine: a back-off and a start of each
SETTLE_WITHIN = 180.0  # seconds for the last reactions, after everything is back
SECOND_AT_ONCE = 0.25  # share of messages followed by another before the reaction
LEAVES_AT_ONCE = 0.1  # share after which the customer closes the page as soon as it is acknowledged


@dataclass(frozen=True)
class Kill:
    """One kill: what, when (seconds from the first), and how many conversations waited for something then."""

    role: str
    at: float
    waiting: int


@dataclass
class World:
    """What customers and killer share."""

    client: httpx.AsyncClient
    questions: dict[str, list[str]]
    seed: int
    visitors: list[Visitor] = field(default_factory=list)
    present: set[Visitor] = field(default_factory=set)  # those whose page is still open
    kills: list[Kill] = field(default_factory=list)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def waiting(self) -> int:
        """How many conversations wait for an acknowledgement or a reaction right now."""
        return sum(visitor.is_waiting for visitor in self.present)


def say(text: str) -> None:
    """A line of progress, at once."""
    print(text, flush=True)


async def be_customers(world: World, number: int) -> None:
    """One customer after the other, each in a conversation of its own, until the end."""
    luck = random.Random(f"{world.seed}-{number}")
    language = LANGUAGES[number % len(LANGUAGES)]
    while not world.ending.is_set():
        visitor = Visitor(world.client, language)
        await visitor.open()
        world.visitors.append(visitor)
        world.present.add(visitor)
        following = asyncio.create_task(visitor.follow())
        try:
            await talk(visitor, following, partial(luck.choice, world.questions[language]), luck, world.ending)
        finally:
            world.present.discard(visitor)
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


async def talk(
    visitor: Visitor, following: asyncio.Task, question: Callable[[], str], luck: random.Random, ending: asyncio.Event
) -> None:
    """A conversation of a few questions; ends early after a handoff, or when the customer has gone."""
    for _ in range(luck.randint(2, 8)):
        await visitor.post(question())
        if luck.random() < SECOND_AT_ONCE:
            await visitor.post(question())
        if luck.random() < LEAVES_AT_ONCE:
            return
        reacted = asyncio.create_task(visitor.everything_reacted_to())
        await asyncio.wait({reacted, following}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():  # it never ends by itself, so it failed: its reason matters
            reacted.cancel()
            following.result()
        if visitor.status != "bot" or ending.is_set():
            return
        await asyncio.sleep(luck.uniform(0.0, 0.5))


async def kill_at_random(product: Product, world: World, count: int) -> None:
    """Kills one of those that are there, again and again, into `world.kills`. Raises NotStarted when none is back."""
    luck = random.Random(f"{world.seed}-kills")
    done = world.kills
    started = time.monotonic()
    while len(done) < count:
        await asyncio.sleep(luck.uniform(*(SOON if luck.random() < SHARE_SOON else LATER)))
        role, victim = await pick(product, luck)
        waiting = world.waiting()
        if not kill(victim):
            continue
        done.append(Kill(role, round(time.monotonic() - started, 1), waiting))
        kept = sum(len(visitor.sent) for visitor in world.visitors)
        say(f"  {len(done):3}/{count} at {done[-1].at:6.1f} s: {role:6}  {waiting} waiting, {kept} acknowledged so far")


async def pick(product: Product, luck: random.Random) -> tuple[str, Process]:
    """A part that is there, each as likely; waits while none of the chosen kind is (Rasa may be backing off)."""
    ends = time.monotonic() + BACK_WITHIN
    while time.monotonic() < ends:
        found = product.roles()
        role = luck.choice(ROLES)
        if role in found:
            return role, found[role]
        await asyncio.sleep(0.1)
    raise NotStarted(f"nothing came back within {BACK_WITHIN:.0f} s\n{product.log.read_text(errors='replace')[-2000:]}")


async def settle(product: Product, world: World, customers: list[asyncio.Task]) -> list[str]:
    """Waits until all is back and every customer is done; returns what did not come to an end."""
    world.ending.set()
    started = time.monotonic()
    while not await asyncio.to_thread(product.is_ready):
        if time.monotonic() - started > BACK_WITHIN:
            return [f"the product was not back within {BACK_WITHIN:.0f} s"]
        await asyncio.sleep(0.5)
    say(f"  everything is back after {time.monotonic() - started:.0f} s")
    done, late = await asyncio.wait(customers, timeout=SETTLE_WITHIN)
    for task in late:
        task.cancel()
    problems = [f"{len(late)} customers still waited for something after {SETTLE_WITHIN:.0f} s"] if late else []
    problems += [f"a customer could not go on: {task.exception()!r}" for task in done if task.exception()]
    await asyncio.gather(*late, return_exceptions=True)
    await asyncio.sleep(5.0)  # those who had left at once get their reactions too
    return problems


async def check(world: World, database: Path) -> list[Violation]:
    """Every conversation's account against the interface and the database."""
    engine = create_engine(f"sqlite:///file:{database}?mode=ro&uri=true")
    violations: list[Violation] = []
    try:
        for visitor in world.visitors:
            log, status = await visitor.log()
            with engine.connect() as connection:
                violations += find_violations(account_of(visitor, log, status, connection))
    finally:
        engine.dispose()
    return violations


def account_of(visitor: Visitor, log: list[dict[str, Any]], status: str, connection: Connection) -> Account:
    """One conversation from all sides; the database is only read."""
    columns = (messages.c.seq, messages.c.sender, messages.c.client_id, messages.c.text, messages.c.reply_to)
    rows = connection.execute(select(*columns).where(messages.c.conversation_id == visitor.id).order_by(messages.c.seq))
    unfinished = select(func.count()).where(
        turns.c.conversation_id == visitor.id, turns.c.status.in_(("waiting", "running"))
    )
    queue = select(func.count()).where(handoffs.c.conversation_id == visitor.id)
    return Account(
        conversation=visitor.id,
        acknowledged=[Acknowledged(sent.client_id, sent.text, sent.seq) for sent in visitor.sent],
        tried=visitor.tried,
        log=log,
        status=status,
        kept=[Kept(*row) for row in rows],
        seen=[arrival.message["seq"] for arrival in visitor.seen],
        open_turns=connection.execute(unfinished).scalar_one(),
        handoffs=connection.execute(queue).scalar_one(),
    )


async def run(options: argparse.Namespace, product: Product) -> dict[str, Any]:
    """Load, kills, settling, check."""
    async with open_client(product.url) as client:
        world = World(client, read_questions(ROOT), options.seed)
        customers = [asyncio.create_task(be_customers(world, number)) for number in range(CUSTOMERS)]
        try:
            await asyncio.sleep(3.0)
            killing = asyncio.create_task(kill_at_random(product, world, options.kills))
            # Customers go on until told to end: one that is done before could not.
            await asyncio.wait({killing, *customers}, return_when=asyncio.FIRST_COMPLETED)
            if killing.done():
                killing.result()
            killing.cancel()
            problems = await settle(product, world, customers)
        finally:
            for task in customers:
                task.cancel()
        violations = await check(world, product.var / "odziv.sqlite")
    return {
        "seed": options.seed,
        "kills": [asdict(one) for one in world.kills],
        "conversations": len(world.visitors),
        "acknowledged": sum(len(visitor.sent) for visitor in world.visitors),
        "resent": sum(sent.tries > 1 for visitor in world.visitors for sent in visitor.sent),
        "reconnected": sum(max(0, visitor.connections - 1) for visitor in world.visitors),
        "slowest_acknowledgement_s": round(max((s.seconds for v in world.visitors for s in v.sent), default=0.0), 1),
        "problems": problems,
        "violations": [asdict(violation) for violation in violations],
    }


def report(result: dict[str, Any], seconds: float) -> str:
    """The summary for people."""
    roles = Counter(one["role"] for one in result["kills"])
    loaded = sum(one["waiting"] > 0 for one in result["kills"])
    lines = [
        f"{len(result['kills'])} kills in {seconds:.0f} s ({', '.join(f'{role} {n}' for role, n in roles.items())}), "
        f"{loaded} of them while messages were under way; seed {result['seed']}",
        f"{result['acknowledged']} messages acknowledged in {result['conversations']} conversations; "
        f"{result['resent']} had to be sent again, streams were reopened {result['reconnected']} times, "
        f"the slowest acknowledgement took {result['slowest_acknowledgement_s']} s",
        *(f"PROBLEM  {problem}" for problem in result["problems"]),
        *(f"VIOLATION  {v['kind']}: {v['detail']} (conversation {v['conversation']})" for v in result["violations"]),
    ]
    if not result["violations"] and not result["problems"]:
        lines.append("every acknowledged message is stored once, in order, and got exactly one reaction")
    return "\n".join(lines)


def main() -> int:
    """Returns 0 when nothing went wrong, 1 when something did, 2 when the product did not start."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None, help="repeats the same choices, not the same timing")
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write every kill and violation here")
    options = parser.parse_args()
    stop_tidily()
    options.seed = random.randrange(10**6) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="odziv-kills-"))
    product = Product(folder, options.prepared, say)
    started = time.monotonic()
    try:
        with product:
            result = asyncio.run(run(options, product))
            left = product.stop()
    except NotStarted as error:
        say(f"stopped: {error}")
        return 2
    result["problems"] += [f"still running after the stop: {process.command[:100]}" for process in left]
    say(report(result, time.monotonic() - started))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    is_clean = not result["problems"] and not result["violations"]
    if is_clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"database and logs are kept in {folder}")
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
