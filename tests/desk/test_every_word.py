"""The desk speaks one language at a time: on every page, all that isn't data goes through the catalogue.

Each message of a catalogue made for this stands in brackets. What a page says outside of them has to be data: what
somebody wrote or is called, an address, a name of ours that is no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from sqlalchemy import select

from kb.sources.categories import read_categories
from odziv.cases.topics import label_topic, list_topics
from odziv.desk.frame.roles import ANYONE, desk_routes
from odziv.settings import LANGUAGES
from odziv.store import Store
from odziv.store.schema import metadata
from tests.browser.every_page import day, pages  # noqa: F401 (fixtures)
from tests.desk.conftest import begin_session
from tests.texts.desk_catalogues import CLOSE, OPEN, in_brackets, offer, write_catalogue

SAID = ("title", "aria-label", "placeholder", "alt", "data-for-reply", "data-for-note", "label")
# What is data, or no word of any language: code, keys, what somebody typed, what a program said, names of products.
UNSAID = {"script", "style", "code", "kbd", "svg", "abbr", "time", "textarea", "pre", "datalist"}
NAMES = r"\b(Odziv|Markdown|PDF|JPEG|PNG|CSV|ZIP|JSON|UTC|KB|MB|kB|[A-Z]{2}|Firefox|Windows|webhook|https?)\b"
PLAIN = re.compile(
    rf"{NAMES}|[\w.+-]+@[\w.-]+|\b[0-9a-f]{{6,}}\b|[\w:/.-]*/[\w/.-]+|\b[\w-]+\.(?:pdf|md|zip|jsonl|jpg)\b"
)
DATA = frozenset({"zlata", "stranka", "naročil"})  # of what is written like a code, what a website passed in


@pytest.fixture(scope="session")
def bracketed() -> str:
    return in_brackets()


class Reader(HTMLParser):
    """Gathers what a page says outside of the brackets, a piece of text at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self._depth, self._unsaid = 0, []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        is_picture = (known.get("class") or "").startswith("avatar")  # somebody's initials
        is_data = known.get("lang") not in (None, "sl") or tag in UNSAID or is_picture
        if is_data or self._unsaid[-1:] == [tag]:
            self._unsaid.append(tag)
        for name in SAID:
            if known.get(name) and known.get("lang", "sl") == "sl":
                self.outside.append(re.sub(rf"{OPEN}.*{CLOSE}", "", known[name] or "", flags=re.DOTALL))
        if tag in ("br", "input", "img", "link", "meta", "rect", "path", "source") and self._unsaid[-1:] == [tag]:
            self._unsaid.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._unsaid and self._unsaid[-1] == tag:
            self._unsaid.pop()

    def handle_data(self, data: str) -> None:
        said = []
        for piece in re.split(rf"([{OPEN}{CLOSE}])", data):
            self._depth += (piece == OPEN) - (piece == CLOSE)
            if piece not in (OPEN, CLOSE) and self._depth == 0 and not self._unsaid:
                said.append(piece)
        self.outside.append("".join(said))


def find_unsaid(page: str, data: list[str]) -> Iterator[str]:
    """What a page says that is neither in brackets nor data."""
    reader = Reader()
    reader.feed(page)
    for outside in reader.outside:
        left = " ".join(outside.split())
        for known in data:
            left = left.replace(known, "")
        left = PLAIN.sub("", left)
        is_shortened = left.strip().endswith(("…", "...")) and any(
            one.startswith(left.strip(" .…")[:20]) for one in data
        )
        if re.search(r"[^\W\d_]{2,}", left) and not is_shortened:
            yield " ".join(outside.split())


def list_data(store: Store, app) -> list[str]:
    """What stands in the database, the settings and the articles, and what Babel calls languages; the longest first."""
    settings = app.extensions["odziv"].settings
    found = {site.name for site in settings.sites.values()}
    found |= {
        name
        for code in LANGUAGES
        for each in [Locale.parse("sl").languages[code]]
        for name in (each, each.capitalize())
    }
    found |= {name for names in read_categories(settings.articles).values() for name in names.values()}
    found |= {label_topic(topic) for topic in list_topics(settings)}
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found |= {text for value in row for text in _texts_in(value)}
    lines = {
        " ".join(re.sub(r"<[^>]+>", "\n", line).split())
        for text in found
        for line in [text, *re.split(r"\n|<[^>]+>", text)]
    }
    words = {line for line in lines if not re.fullmatch(r"[a-z_]{1,20}", line) or line in DATA}
    return sorted((word for word in words if len(word) > 2), key=len, reverse=True)


def _texts_in(value) -> Iterator[str]:
    """The texts in a row's value, those within JSON too, with the names of its parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from [key, *_texts_in(part)]
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts_in(part)


@pytest.fixture
def unsaid(app, monkeypatch, tmp_path: Path, bracketed: str):
    """Has the desk speak in brackets."""
    write_catalogue(monkeypatch, tmp_path, "sl", bracketed)
    offer(monkeypatch, "sl")


def test_every_page_says_nothing_that_is_not_in_the_catalogue(app, store, day, unsaid):  # noqa: F811
    client, found = app.test_client(), pages(app, day)
    data, left = list_data(store, app), []
    headers = {"Accept-Language": "sl"}
    for is_signed_in in (False, True):
        if is_signed_in:
            begin_session(client, day.me)
        for name, paths in found.items():
            if (desk_routes.needs[name] == ANYONE) == is_signed_in:
                continue
            for path in paths:
                answer = client.get(path, headers=headers, follow_redirects=True)
                # For a script: what that says of it goes through the scripts' catalogue.
                if answer.is_json:
                    continue
                page = answer.text
                assert OPEN in page, path
                left += [f"{path}: {text}" for text in find_unsaid(page, data)]
    assert left == []
