"""A passage's Markdown as blocks with rows: items of a list, lines of a table, sentences of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from kb.sources.passages import MARKDOWN, SENTENCE_END, leads_on, list_items, to_plain

Kind = Literal["list", "steps", "table", "text"]
KINDS: dict[str, Kind] = {
    "bullet_list_open": "list",
    "ordered_list_open": "steps",
    "table_open": "table",
    "paragraph_open": "text",
}
LONGEST_NAME = 12  # words before a colon that name a row; more are a sentence
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class Block:
    """A block; `head` are a table's two lines that stand above its rows."""

    kind: Kind
    rows: tuple[str, ...]
    head: str = ""

    @property
    def text(self) -> str:
        """Its Markdown."""
        joint = " " if self.kind == "text" else "\n"
        return joint.join(filter(None, (self.head, *self.rows)))


@lru_cache(maxsize=4096)  # of our articles
def blocks_of(markdown: str) -> tuple[Block, ...]:
    """The blocks of a passage, in order."""
    tokens, lines = MARKDOWN.parse(markdown), markdown.split("\n")
    found = []
    for place, token in enumerate(tokens):
        if token.level or not token.map:
            continue
        source = lines[slice(*token.map)]
        kind = KINDS.get(token.type)
        if kind in ("list", "steps"):
            items = ("\n".join(lines[a:b]).strip("\n") for a, b in list_items(tokens, place))
            found.append(Block(kind, tuple(items)))
        elif kind == "table":
            found.append(Block("table", tuple(filter(str.strip, source[2:])), "\n".join(source[:2])))
        else:
            text = "\n".join(source).strip("\n")
            found.append(Block("text", tuple(SENTENCE_END.split(text)) if kind else (text,)))
    return tuple(found)


def join_blocks(blocks: Sequence[Block]) -> str:
    """The Markdown of blocks."""
    return "\n\n".join(block.text for block in blocks)


def name_of(row: str) -> str:
    """What a row is called: the first cell of a table's, or what stands in bold or before a colon; empty if nothing."""
    if row.lstrip().startswith("|"):
        return to_plain(row.strip().strip("|").partition("|")[0])
    line = _BULLET.sub("", row).partition("\n")[0]
    bold = _BOLD.match(line)
    name = bold[1] if bold else line.partition(":")[0] if re.search(r":(?:\s|$)", line) else ""
    return name if len(name.split()) <= LONGEST_NAME else ""


def count_words(markdown: str) -> int:
    """How many words a reader sees."""
    return len(to_plain(markdown).split())


def cut_blocks(blocks: Sequence[Block], room: int) -> list[Block]:
    """As many rows from the first block on as fit into `room` words; a list's or table's first one always."""
    kept: list[Block] = []
    for block in blocks:
        follows = bool(kept) and (kept[-1].kind == "text" and block.kind != "text" or leads_on(kept[-1].text))
        rows = rows_that_fit(block, room, at_least=1 if follows or not kept else 0)
        if rows:
            kept.append(replace(block, rows=rows))
            room -= sum(map(count_words, rows))
        if len(rows) < len(block.rows):
            break
    return kept


def rows_that_fit(block: Block, room: int, at_least: int) -> tuple[str, ...]:
    """The first rows of a block that have together no more than `room` words, but not fewer than `at_least`."""
    used = 0
    for number, row in enumerate(block.rows):
        used += count_words(row)
        if used > room and number >= at_least:
            return block.rows[:number]
    return block.rows


def sort_rows(block: Block, score: Callable[[str], int]) -> Block:
    """The block with its highest rows first; steps and sentences stay in their order."""
    if block.kind not in ("list", "table") or is_one_sentence(block):
        return block
    return replace(block, rows=tuple(sorted(block.rows, key=lambda row: -score(row))))


def is_one_sentence(block: Block) -> bool:
    """Whether the rows go on from one another ("a new parcel, or"): their ends are not the same."""
    ends = [row.rstrip()[-1:] in tuple(".!?…") for row in block.rows]
    return block.kind == "list" and (any(row.rstrip().endswith((",", ";")) for row in block.rows) or len(set(ends)) > 1)
