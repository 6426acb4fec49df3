"""Every kind of fault of what customers read that was ever named, with an example in each language: none comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bench.parts.customer import Customer, read_articles
from bench.parts.verdicts import faults, read_reaction
from tests.whole.conftest import ROOT, Served

pytestmark = [pytest.mark.rasa, pytest.mark.encoder]

LANGUAGES = ("sl", "hr", "pl", "en")
FILE = Path(ROOT) / "tests" / "data" / "named_faults.yml"
ROWS = yaml.safe_load(FILE.read_text("utf-8"))


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=30.0, trust_env=False) as client:
        yield client


def examples() -> Iterator[Any]:
    """A parameter for each row and language."""
    missed = pytest.mark.xfail(reason="still goes wrong")
    for row in ROWS:
        for language in LANGUAGES:
            marks = [missed] if language in row.get("missed", ()) else []
            yield pytest.param(row, language, id=f"{row['fault']}-{language}".replace(" ", "-"), marks=marks)


@pytest.mark.parametrize(("row", "language"), list(examples()))
def test_no_fault_that_was_named_comes_back(client: httpx.Client, row: dict[str, Any], language: str) -> None:
    customer = Customer(client, row.get("page", {}).get(language, language))
    *before, last = row[language]
    for text in before:
        customer.say(text)
    messages = customer.say(last)
    got = read_reaction(messages, last, called=customer.was_called)
    assert not faults(row["want"] | {"language": language}, got, read_articles()), got
    assert len(titled(messages, row.get("once", ()))) <= 1, got


def titled(messages: list[dict[str, Any]], articles: list[str]) -> list[str]:
    """The titles of these articles below which an answer stands."""
    titles = [title for title, article in read_articles().items() if article in articles]
    return [title for title in titles for message in messages if f"**[{title}](" in message["text"]]
