"""Looks conversations up by words: exactly, each word somewhere in the conversation, then with errors and as parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from sqlalchemy import Connection, and_, select

from odziv.store.engine import Store
from odziv.store.lengths import LONGEST_WANTED
from odziv.store.schema import conversations, field_values, messages, search_entries
from odziv.store.search.entries import (
    CUSTOMER,
    FIELD,
    FILE,
    SUBJECT,
    SUBJECT_OF_MAIL,
    WHO,
    join_mails,
    list_other_addresses,
    mark_of,
)
from odziv.store.search.filters import Wanted, conditions
from odziv.store.search.index import index_of
from odziv.store.search.listing import Listed, load_listed
from odziv.store.search.snippets import Piece, mark
from odziv.store.search.words import fold

MOST_WORDS = 12
# Entries in one go, where the first are not enough; of a word that everybody uses, older ones come with the next page.
LOOKED_AT_FIRST, LOOKED_AT = 250, 5000
EACH_SHOWN = 400  # entries of which a page is made: several may be of one conversation
MOST_ACROSS = 25
ENOUGH = 10  # conversations, with which a page does without similar words; the next one has them
LOOKED_AT_ACROSS = 1000  # entries for each word, where each may stand in another message
NUMBER = re.compile(r"#?([0-9a-f]{4,24})")
EXACT, NEAR = "exact", "near"
NEWEST = 2**62  # higher than any entry
Place = tuple[str, int]  # EXACT or NEAR, and the entry before which a page begins


@dataclass(frozen=True)
class Query:
    """What is looked for: each of `words`, as the beginning of a word; and each of `phrases`, exactly."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.words and not self.phrases


@dataclass(frozen=True)
class Hit:
    """A conversation that was found; `kind` says by what, and `pieces` are that in its sentence, words marked.

    `seq` is the message; None where it is the customer or the conversation's own number. `is_near`: not as it was
    typed, but alike. `more` is how many other entries of it this page has.
    """

    conversation: Listed
    kind: str
    seq: int | None
    pieces: list[Piece] = field(default_factory=list)
    is_near: bool = False
    more: int = 0


@dataclass(frozen=True)
class _Entry:
    id: int
    conversation_id: str
    seq: int | None
    kind: str
    is_near: bool = False


def read_query(text: str) -> Query:
    """What somebody typed, of which LONGEST_WANTED characters and MOST_WORDS words count. "…" is a phrase."""
    text = text[:LONGEST_WANTED]
    phrases = [folded for quoted in re.findall(r'"([^"]*)"', text) if " " in (folded := fold(quoted))]
    rest = fold(text) if not phrases else fold(re.sub(r'"[^"]* [^"]*"', " ", text))
    words = tuple(dict.fromkeys(rest.split()))[:MOST_WORDS]
    return Query(words, tuple(dict.fromkeys(phrases))[:MOST_WORDS])


def search(
    store: Store,
    text: str,
    wanted: Wanted,
    limit: int,
    *,
    kind: str | None = None,
    after: Place | None = None,
) -> tuple[list[Hit], Place | None]:
    """The conversations with these words, newest entry first, the exact ones before those that are only alike.

    `kind` is one of the entries' KINDS, None any. `after` is where the page before ended. Returns the hits, each
    conversation once, and where the next page begins; None: that was all.
    """
    query = read_query(text)
    if query.is_empty:
        return [], None
    with store.read() as connection, connection.begin():
        return _Search(connection, query, wanted, kind).page(text, limit, after)


class _Search:
    """One search on one connection."""

    def __init__(self, connection: Connection, query: Query, wanted: Wanted, kind: str | None) -> None:
        self._connection, self._query = connection, query
        self._index: ModuleType = index_of(connection)
        self._where = conditions(connection, wanted)
        exact = [self._index.list_words(connection, word) for word in query.words]
        self._phrase_words = [word for phrase in query.phrases for word in phrase.split()]
        fixed = [self._index.list_words(connection, word, exact=True) for word in self._phrase_words]
        if kind is not None and kind != "message":
            fixed.append(self._index.list_words(connection, mark_of(kind), exact=True))
        self._kind, self._words, self._fixed = kind, exact, fixed
        self._marked = {word for group in (*exact, *fixed) for word in group}

    def page(self, text: str, limit: int, after: Place | None) -> tuple[list[Hit], Place | None]:
        """As `search`."""
        way = after[0] if after else EXACT
        before = after[1] if after else None
        found = self._by_number(text) if after is None else []
        if way == EXACT:
            entries, following = self._look(self._groups(), before, limit)
            found += entries
            if following is not None:
                return self._hits(found), (EXACT, following)
            if before is None:
                found += self._across({entry.conversation_id for entry in found})
            before = None
        if not self._query.words:
            return self._hits(found), None
        room = limit - len({entry.conversation_id for entry in found})
        if limit - room >= min(ENOUGH, limit):
            return self._hits(found), (NEAR, NEWEST)
        near, following = self._look(self._alike(), before, room, but=self._groups())
        found += [replace(entry, is_near=True) for entry in near]
        return self._hits(found), (NEAR, following) if following is not None else None

    def _groups(self) -> list[list[int]]:
        return [list(group.values()) for group in (*self._words, *self._fixed)]

    def _alike(self) -> list[list[int]]:
        """The same with words that are alike; they are marked from now on."""
        groups = []
        for word, exact in zip(self._query.words, self._words, strict=True):
            similar = self._index.list_similar(self._connection, word)
            self._marked |= similar.keys()
            groups.append([*exact.values(), *similar.values()])
        return groups + [list(group.values()) for group in self._fixed]

    def _look(
        self, groups: list[list[int]], before: int | None, limit: int, but: Sequence[Sequence[int]] = ()
    ) -> tuple[list[_Entry], int | None]:
        """Entries of up to `limit` conversations, and the id before which the next ones are; None: there are none."""
        for many in (LOOKED_AT_FIRST, LOOKED_AT):
            ids = self._index.find(self._connection, groups, before, many, but)
            kept, following = self._choose(self._load(ids), limit)
            if following is not None or len(ids) < many:
                return kept, following
        return kept, ids[-1]

    def _choose(self, rows: list[_Entry], limit: int) -> tuple[list[_Entry], int | None]:
        kept: list[_Entry] = []
        seen: set[str] = set()
        for row in rows:
            if row.conversation_id not in seen and len(seen) == limit:
                return kept, kept[-1].id
            seen.add(row.conversation_id)
            kept.append(row)
        return kept, kept[-1].id if len(rows) == EACH_SHOWN else None

    def _load(self, ids: list[int]) -> list[_Entry]:
        e = search_entries.c
        if not ids:
            return []
        statement = (
            select(e.id, e.conversation_id, e.seq, e.kind, *([e.folded] if self._query.phrases else []))
            .join(conversations, conversations.c.id == e.conversation_id)
            .where(e.id.in_(ids), *self._where)
            .order_by(e.id.desc())
        )
        if self._kind is not None:
            statement = statement.where(e.kind == self._kind)
        if not self._query.phrases:
            statement = statement.limit(EACH_SHOWN)
        rows = self._connection.execute(statement)
        return [_Entry(*row[:4]) for row in rows if not self._query.phrases or self._has_phrases(row.folded)]

    def _has_phrases(self, folded: str) -> bool:
        return all(f" {phrase} " in f" {folded} " for phrase in self._query.phrases)

    def _across(self, known: set[str]) -> list[_Entry]:
        """Conversations that have each word in another message, or one in the customer's name; not those `known`."""
        groups = [list(group.values()) for group in self._words]
        if len(groups) < 2 or self._fixed or not all(groups):
            return []
        newest: dict[str, int] = {}
        everywhere: set[str] | None = None
        for group in groups:
            ids = self._index.find(self._connection, [group], None, LOOKED_AT_ACROSS)
            e = search_entries.c
            here = self._connection.execute(select(e.conversation_id, e.id).where(e.id.in_(ids))).all()
            for row in here:
                newest[row.conversation_id] = max(row.id, newest.get(row.conversation_id, 0))
            these = {row.conversation_id for row in here}
            everywhere = these if everywhere is None else everywhere & these
        return self._load(sorted((newest[each] for each in (everywhere or set()) - known), reverse=True)[:MOST_ACROSS])

    def _by_number(self, text: str) -> list[_Entry]:
        """The conversations whose own number begins with what was typed."""
        found = NUMBER.fullmatch(text.strip().lower())
        if found is None or self._kind is not None:
            return []
        c = conversations.c
        begins = and_(c.id >= found[1], c.id < f"{found[1]}g")
        statement = select(c.id).where(begins, *self._where).order_by(c.id).limit(5)
        return [_Entry(0, each, None, "number") for each in self._connection.execute(statement).scalars()]

    def _hits(self, entries: list[_Entry]) -> list[Hit]:
        first: dict[str, _Entry] = {}
        count: dict[str, int] = {}
        for entry in entries:
            first.setdefault(entry.conversation_id, entry)
            count[entry.conversation_id] = count.get(entry.conversation_id, 0) + 1
        texts = self._texts(first.values())
        return [
            Hit(
                listed,
                (entry := first[listed.id]).kind,
                entry.seq,
                mark(texts.get(entry.id, ""), self._marked, self._query.words),
                entry.is_near,
                count[listed.id] - 1,
            )
            for listed in load_listed(self._connection, list(first))
        ]

    def _texts(self, entries: Iterable[_Entry]) -> dict[int, str]:
        """What each entry stands for, as it was written."""
        entries = list(entries)
        e, m = search_entries.c, messages.c
        of_message = (m.conversation_id == e.conversation_id) & (m.seq == e.seq)
        found = search_entries.join(conversations, conversations.c.id == e.conversation_id)
        statement = (
            select(e.id, e.kind, m.text, m.attachments, SUBJECT_OF_MAIL, *(conversations.c[name] for name in WHO))
            .select_from(join_mails(found.outerjoin(messages, of_message), search_entries))
            .where(e.id.in_([entry.id for entry in entries]))
        )
        texts = {row.id: _text_of(row) for row in self._connection.execute(statement)}
        texts |= self._field_texts([entry for entry in entries if entry.kind == FIELD])
        return self._with_addresses(texts, [entry for entry in entries if entry.kind == CUSTOMER])

    def _with_addresses(self, texts: dict[int, str], entries: list[_Entry]) -> dict[int, str]:
        """The same with the customers' other addresses behind what each is known by."""
        others = list_other_addresses(self._connection, [entry.conversation_id for entry in entries])
        more = {entry.id: others[entry.conversation_id] for entry in entries if entry.conversation_id in others}
        return texts | {place: ", ".join(filter(None, [texts[place], *found])) for place, found in more.items()}

    def _field_texts(self, entries: list[_Entry]) -> dict[int, str]:
        of = {entry.conversation_id: entry.id for entry in entries}
        f, texts = field_values.c, dict.fromkeys(of.values(), "")
        statement = select(f.conversation_id, f.value).where(f.conversation_id.in_(of)).order_by(f.field_id)
        for row in self._connection.execute(statement) if of else ():
            place = of[row.conversation_id]
            texts[place] += f", {row.value}" if texts[place] else row.value
        return texts


def _text_of(row) -> str:
    if row.kind == CUSTOMER:
        return ", ".join(value for value in (row.name, row.email, row.customer) if value)
    if row.kind == FILE:
        return ", ".join(file["name"] for file in row.attachments or ())
    return str(row.subject if row.kind == SUBJECT else row.text or "")
