"""Customers who ask one question after the other, for a while: of the product, or of plain Rasa."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from bench.parts.visitor import Visitor, open_client
from bench.parts.wording import shuffled

# A customer asks a handful of things, then the next comes: endless conversations would measure Rasa's trackers.
QUESTIONS_PER_CONVERSATION = 6
LONGEST_WAIT = 60.0  # seconds for one reaction, after which the measurement is called off


@dataclass
class Sample:
    """What was measured in one go. Times in seconds."""

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    visitors: list[Visitor] = field(default_factory=list)
    resends: int = 0
    elapsed: float = 0.0

    @property
    def turns_per_second(self) -> float:
        """Questions answered, asked back or handed off, a second."""
        return len(self.answered) / self.elapsed if self.elapsed else 0.0


class Interrupted(Exception):
    """The figures would be wrong; the message says what came in between."""


Ask = Callable[[httpx.AsyncClient, str, Iterator[str], float, Sample], Awaitable[None]]


async def measure(
    ask: Ask, url: str | Sequence[str], customers: int, seconds: float, questions: dict[str, list[str]], seed: object
) -> Sample:
    """Runs so many customers side by side for so long; each in one language, its questions in an order of its own.

    Of several addresses each request goes to the next one. Raises Interrupted, httpx.HTTPError or visitor.CallRefused
    when a customer could not go on.
    """
    sample = Sample()
    async with open_client(*([url] if isinstance(url, str) else url)) as client:
        started = time.perf_counter()
        ends = started + seconds
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(customers):
                    language = sorted(questions)[number % len(questions)]
                    own = never_twice(itertools.cycle(shuffled(questions[language], f"{seed}-{number}")), number)
                    group.create_task(ask(client, language, own, ends, sample))
        except ExceptionGroup as errors:  # the first one explains the others
            raise errors.exceptions[0] from errors
        sample.elapsed = time.perf_counter() - started
    return sample


def never_twice(questions: Iterator[str], customer: int) -> Iterator[str]:
    """Each question with a number at its end, as no two customers write the same: neither side may remember answers."""
    return (f"{question} ({customer}{number:03})" for number, question in enumerate(questions))


async def ask_product(
    client: httpx.AsyncClient, language: str, questions: Iterator[str], ends: float, sample: Sample
) -> None:
    """One customer of the product after the other: opens the stream, asks, waits for each reaction on the stream."""
    while time.perf_counter() < ends:
        visitor = Visitor(client, language)
        await visitor.open()
        sample.visitors.append(visitor)
        following = asyncio.create_task(visitor.follow())
        try:
            await asyncio.wait_for(visitor.is_connected.wait(), LONGEST_WAIT)
            for _ in range(QUESTIONS_PER_CONVERSATION):
                if time.perf_counter() >= ends or not await _ask_once(visitor, next(questions), sample):
                    break
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


async def _ask_once(visitor: Visitor, question: str, sample: Sample) -> bool:
    """One question and its reaction; whether the bot still has the conversation afterwards."""
    posted = time.perf_counter()
    acknowledged = await visitor.post(question)
    if acknowledged.limited:
        raise Interrupted("the server limited our rate (429): it did not read the configuration with high limits")
    sample.resends += acknowledged.tries - 1
    try:
        reaction = await asyncio.wait_for(visitor.reaction_to(acknowledged.seq), LONGEST_WAIT)
    except TimeoutError as error:
        raise Interrupted(
            f"no reaction within {LONGEST_WAIT:.0f} s to message {acknowledged.seq} of {visitor.id}"
        ) from error
    if reaction is None:  # a handoff came in between: a person would answer
        return False
    sample.acknowledged.append(acknowledged.seconds)
    sample.answered.append(reaction.at - posted)
    sample.kinds[kind_of(reaction.message)] += 1
    return reaction.message["sender"] == "bot"


async def ask_plain(
    client: httpx.AsyncClient, _language: str, questions: Iterator[str], ends: float, sample: Sample
) -> None:
    """The same of plain Rasa's REST channel, which answers in the response and acknowledges nothing before."""
    while time.perf_counter() < ends:
        sender = secrets.token_hex(12)
        for _ in range(QUESTIONS_PER_CONVERSATION):
            if time.perf_counter() >= ends:
                return
            posted = time.perf_counter()
            body = {"sender": sender, "message": next(questions)}
            response = await client.post("/webhooks/rest/webhook", json=body, timeout=LONGEST_WAIT)
            response.raise_for_status()
            sample.answered.append(time.perf_counter() - posted)
            sample.kinds["answer" if response.json() else "nothing"] += 1


def kind_of(message: dict) -> str:
    """answer, question back or other (thanks, greetings); handoff for the system's notice."""
    if message["sender"] == "system":
        return "handoff"
    if message.get("answer"):
        return "answer"
    return "question back" if any(b["kind"] == "choice" for b in message.get("buttons") or ()) else "other words"


def count_kinds(samples: Sequence[Sample]) -> dict[str, int]:
    """How often each kind of reaction came, over several samples."""
    return dict(sum((sample.kinds for sample in samples), Counter()).most_common())
