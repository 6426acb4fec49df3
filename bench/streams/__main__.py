"""`python -m bench.streams`: 2,000 open widgets and 50 agents on the settings as they are shipped.

The running product, its real Rasa included. 1,980 customers only have the page open; 20 write, read the answer and
write again some seconds later; each agent has a page of the desk open, with the conversation of one of the 20. Measured
are seconds from the beginning of a message's POST to the same message on its customer's stream, and to the first sign
of it at an agent's; acknowledgements and answers; memory of all processes, and processor time while nobody writes.
Exit code 0 when all streams were taken and kept and the wanted figures were met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench.parts.processes import below, cpu_seconds, memory_mb
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.summary import percentiles_ms, table
from bench.parts.visitor import CallRefused, Visitor, open_client
from bench.parts.wording import read_questions, shuffled
from bench.streams.pages import Page, close_pages, count_open, open_pages
from odziv.processes.open_files import raise_open_files
from odziv.settings import load_settings
from odziv.store.agents.agent import accept_invitation, invite, open_session
from odziv.wiring import build_services
from server import create_app
from tests.fakes import FakeBot, FakeKnowledge

POST_TO_STREAM_MS, MEMORY_MB = 50.0, 1600.0  # wanted: p95, and of all processes together (PSS)
PAUSE = (1.0, 3.0)  # seconds between an answer and the next message
QUIET_SECONDS = 20.0  # in which nobody writes; signs of life come every 15 seconds
LONGEST_WAIT = 60.0
OPENED_AT_ONCE = 20


@dataclass
class Times:
    """Seconds."""

    acknowledged: list[float] = field(default_factory=list)
    on_stream: list[float] = field(default_factory=list)
    at_desk: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


def agents_cookies(product: Product, agents: int) -> list[str]:
    """The cookies of so many signed-in browsers."""
    settings = load_settings(product.folder / "config.yml").model_copy(update={"var": product.var, "database_url": ""})
    services = build_services(settings, bot=FakeBot(), knowledge=FakeKnowledge())
    app, store, found = create_app(services), services.store, []
    for number in range(agents):
        invitation = invite(store, None, "agent")
        agent = accept_invitation(store, invitation, f"a{number}@shop.example", f"Agent {number}", "no hash")
        client = app.test_client()
        with client.session_transaction("/desk") as session:
            session["_user_id"], session["_fresh"] = open_session(store, agent.id), True
        cookie = client.get_cookie("odziv_desk", path="/desk")
        assert cookie is not None
        found.append(f"{cookie.key}={cookie.value}")
    store.close()
    return found


def page_of(visitor: Visitor) -> Page:
    """A customer's stream that is only kept open."""
    headers = {"Host": "localhost", "Authorization": f"Bearer {visitor.token}", "Last-Event-ID": "0"}
    return Page(f"/api/v1/conversations/{visitor.id}/events", headers)


def desk_of(cookie: str, conversation_id: str) -> Page:
    """An agent's stream with a conversation open."""
    return Page(f"/desk/events?conversation={conversation_id}", {"Host": "localhost", "Cookie": cookie}, b"state")


async def open_visitors(visitors: Sequence[Visitor]) -> None:
    """Begins their conversations, some at a time."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(visitor: Visitor) -> None:
        async with gate:
            await visitor.open()

    await asyncio.gather(*map(open_one, visitors))


async def write_on(
    visitor: Visitor, desks: Sequence[Page], questions: Sequence[str], ends: float, times: Times, luck: random.Random
) -> None:
    """One customer: writes, waits for the answer, pauses, until it is time to go."""
    await asyncio.sleep(luck.uniform(0.0, PAUSE[1]))
    for number in count():
        if time.perf_counter() >= ends:
            return
        began = time.perf_counter()
        sent = await visitor.post(f"{questions[number % len(questions)]} ({number})")
        reaction = await asyncio.wait_for(visitor.reaction_to(sent.seq), LONGEST_WAIT)
        times.acknowledged.append(sent.seconds)
        times.on_stream += [each.at - began for each in visitor.seen if each.message["seq"] == sent.seq]
        if reaction is not None:
            times.answered.append(reaction.at - began)
        await asyncio.sleep(luck.uniform(*PAUSE))
        for desk in desks:
            times.at_desk += [moment - began for moment in desk.moments if moment >= began][:1]


def processor_time(product: Product) -> dict[str, float]:
    """Seconds so far by part."""
    found = product.roles()
    return {role: cpu_seconds([found[role].pid]) for role in ("web", "worker", "rasa") if role in found}


def memory_of(product: Product) -> dict[str, float]:
    """Megabytes (PSS) by part, and of all processes together."""
    found = product.roles()
    parts = {role: memory_mb([found[role].pid])["pss"] for role in ("web", "worker", "rasa") if role in found}
    everybody = [product.pid, *(process.pid for process in below(product.pid))]
    return {**parts, "together": memory_mb(everybody)["pss"]}


async def measure(product: Product, options: argparse.Namespace) -> dict[str, Any]:
    """Opens all, has nobody and then some of them write, and looks whether all are still there."""
    cookies, times, luck = agents_cookies(product, options.agents), Times(), random.Random(options.seed)
    questions = read_questions(ROOT)
    result: dict[str, Any] = {"asked": {name: getattr(options, name) for name in ("widgets", "agents", "writers")}}
    result["memory_mb_before"] = memory_of(product)
    async with open_client(product.url) as client:
        writers = [Visitor(client, sorted(questions)[n % len(questions)]) for n in range(options.writers)]
        quiet = [Visitor(client, "en") for _ in range(options.widgets - options.writers)]
        await open_visitors([*writers, *quiet])
        desks = [desk_of(cookie, writers[n % len(writers)].id) for n, cookie in enumerate(cookies)]
        pages = [*desks, *map(page_of, quiet)]
        following = [asyncio.create_task(visitor.follow()) for visitor in writers]
        await open_pages(product.url, pages)
        for visitor in writers:
            await asyncio.wait_for(visitor.is_connected.wait(), LONGEST_WAIT)
        result["streams_taken"] = count_open(pages) + len(writers)
        before = processor_time(product)
        await asyncio.sleep(QUIET_SECONDS)
        after = processor_time(product)
        result["quiet_cpu_percent"] = {
            role: round(100 * (after[role] - before[role]) / QUIET_SECONDS, 1) for role in after
        }
        ends = time.perf_counter() + options.seconds
        async with asyncio.TaskGroup() as group:
            for number, visitor in enumerate(writers):
                own = shuffled(questions[sorted(questions)[number % len(questions)]], f"{options.seed}-{number}")
                theirs = desks[number :: len(writers)]
                group.create_task(write_on(visitor, theirs, own, ends, times, random.Random(luck.random())))
        result["memory_mb"] = memory_of(product)
        result["streams_kept"] = count_open(pages) + sum(visitor.is_connected.is_set() for visitor in writers)
        result["dropped_by_writers"] = sum(visitor.connections - 1 for visitor in writers)
        close_pages(pages)
        for task in following:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    named = {"acknowledgement": times.acknowledged, "post to stream": times.on_stream, "post to desk": times.at_desk,
             "answer": times.answered}  # fmt: skip
    result["times_ms"] = {name: {"count": len(each), **percentiles_ms(each)} for name, each in named.items()}
    result["messages_per_second"] = round(len(times.acknowledged) / options.seconds, 2)
    return result


def targets(result: dict[str, Any], wanted_streams: int) -> list[tuple[str, str, bool]]:
    """What was wanted, what was measured, and whether it was met."""
    on_stream, memory = result["times_ms"]["post to stream"]["p95"], result["memory_mb"]["together"]
    taken, kept = result["streams_taken"], result["streams_kept"]
    return [
        (f"{wanted_streams} streams taken and kept", f"{taken}, {kept}", taken == kept == wanted_streams),
        (f"post to stream p95 ≤ {POST_TO_STREAM_MS:.0f} ms", f"{on_stream:.1f} ms", on_stream <= POST_TO_STREAM_MS),
        (f"all processes ≤ {MEMORY_MB:.0f} MB (PSS)", f"{memory:.0f} MB", memory <= MEMORY_MB),
    ]


def quiet_share(result: dict[str, Any], part: str) -> str:
    return str(result["quiet_cpu_percent"].get(part, ""))


def report(result: dict[str, Any], met: list[tuple[str, str, bool]]) -> str:
    """The tables for people."""
    times = [
        [name, *(str(each[key]) for key in ("count", "p50", "p95", "p99"))] for name, each in result["times_ms"].items()
    ]
    parts = [
        [part, f"{result['memory_mb_before'][part]:.0f}", f"{megabytes:.0f}", quiet_share(result, part)]
        for part, megabytes in result["memory_mb"].items()
    ]
    return "\n".join([
        f"{result['asked']}, {result['messages_per_second']} messages a second", "",
        table(["ms", "count", "p50", "p95", "p99"], times), "",
        table(["process", "MB before", "MB at the end", "% of a core, quiet"], parts), "",
        *(f"{'met   ' if ok else 'MISSED'}  {wanted}: {measured}" for wanted, measured, ok in met),
    ])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when the wanted figures were met, 1 when not, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.streams", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--widgets", type=int, default=2000)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0, help="in which they write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    stop_tidily()
    raise_open_files()
    with tempfile.TemporaryDirectory(prefix="odziv-streams-") as folder:
        try:
            with Product(Path(folder), options.prepared) as product:
                result = asyncio.run(measure(product, options))
        except (NotStarted, CallRefused, TimeoutError) as error:
            print(f"stopped: {error!r}", flush=True)
            return 2
    met = targets(result, options.widgets + options.agents)
    print(report(result, met))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0 if all(ok for *_, ok in met) else 1


if __name__ == "__main__":
    sys.exit(main())
