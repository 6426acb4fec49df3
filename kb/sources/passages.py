"""An article's Markdown cut into passages: by heading, then at paragraphs and list items, at most 120 words each.

A list or table goes with the sentence before it, and anything with what ends in a colon before it, if that makes more
words than 120.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.language.text import words

MAX_WORDS = 120  # a passage is what a chat answer shows: more than this is not read there
MARKDOWN = MarkdownIt("commonmark").enable("table")
ROWS = ("bullet_list_open", "ordered_list_open", "table_open")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
# A colon at the end, whatever closes behind it: "**Sizes:**", "»…:«", "(see below:)". A smiley is none.
_LEADS = re.compile(r"""[:：︰﹕⁚](?:[\s*_~`"'“”„«»‹›‘’」』】)\]}\\]|\]\((?:<[^<>]*>)?[^()<>]*\)|<[^<>]*>|&nbsp;)*$""")
_SMILEY = re.compile(r"(?:^|\s)[:：]-?[)\]}]$")


@dataclass(frozen=True)
class Passage:
    """A piece of an article: `text` is Markdown to show, `plain` the same without markup, to index.

    `topics` are those of the library that its section names.
    """

    heading: str | None
    text: str
    plain: str
    topics: tuple[str, ...] = ()


def cut(body: str, topics: Mapping[int, tuple[str, ...]] | None = None) -> tuple[Passage, ...]:
    """Return the passages of an article's Markdown, in order; none for a body without text.

    `topics` are those of each section that names some, by its number: 0 is what stands before the first heading.
    """
    passages = []
    for number, (heading, blocks) in enumerate(sections(body)):
        named = topics.get(number, ()) if topics else ()
        passages += [Passage(heading, text, plain, named) for text in gather(blocks) if (plain := to_plain(text))]
    return tuple(passages)


def sections(body: str) -> Iterator[tuple[str | None, list[str]]]:
    """Yield each heading (None before the first) with the Markdown blocks below it."""
    lines, heading, blocks, before = body.split("\n"), None, [], ""
    tokens = MARKDOWN.parse(body)
    for i, token in enumerate(tokens):
        if token.level or not token.map:
            continue
        if token.type == "heading_open":
            yield heading, blocks
            heading, blocks = inline_text(tokens[i + 1]) or None, []
        else:
            pieces = split_block(tokens, i, lines)
            if blocks and (before == "paragraph_open" and token.type in ROWS or leads_on(blocks[-1])):
                pieces = [*lead_in(blocks.pop(), pieces[0], before), *pieces[1:]]
            blocks += pieces
        before = token.type
    yield heading, blocks


def leads_on(markdown: str) -> bool:
    """Return whether a text ends with a colon, and so is nothing without what follows."""
    end = markdown.rstrip()
    return bool(_LEADS.search(end[-80:])) and not _SMILEY.search(end[-4:])


def lead_in(before: str, block: str, kind: str = "paragraph_open") -> list[str]:
    """Return what stands before a block, and the block with what leads in to it: of a paragraph its last sentence."""
    sentences = SENTENCE_END.split(before) if kind == "paragraph_open" and "\n\n" not in before else [before]
    if len(sentences) == 1 or len(words(before)) + len(words(block)) <= MAX_WORDS:
        return [f"{before}\n\n{block}"]
    return [" ".join(sentences[:-1]), f"{sentences[-1]}\n\n{block}"]


def split_block(tokens: list[Token], start: int, lines: list[str]) -> list[str]:
    """Return the block opened by `tokens[start]` as pieces of at most MAX_WORDS words where it can be cut."""
    opener = tokens[start]
    source = "\n".join(lines[opener.map[0] : opener.map[1]]).strip("\n")
    if len(words(source)) <= MAX_WORDS:
        return [source]
    if opener.type.endswith("_list_open"):
        return ["\n".join(lines[a:b]).strip("\n") for a, b in list_items(tokens, start)]
    if opener.type == "paragraph_open":
        return gather(SENTENCE_END.split(source), " ")
    return [source]  # a table or a code block makes no sense in halves


def list_items(tokens: list[Token], start: int) -> list[tuple[int, int]]:
    """Return the line ranges of the items of the list opened by `tokens[start]`."""
    ranges = []
    for token in tokens[start + 1 :]:
        if token.level == tokens[start].level:
            break
        if token.type == "list_item_open" and token.level == tokens[start].level + 1:
            ranges.append((token.map[0], token.map[1]))
    return ranges


def gather(pieces: list[str], joint: str = "\n\n") -> list[str]:
    """Join neighbouring pieces as long as the result stays within MAX_WORDS words."""
    gathered: list[str] = []
    count = 0
    for piece in pieces:
        size = len(words(piece))
        if gathered and count + size <= MAX_WORDS:
            gathered[-1] += joint + piece
            count += size
        else:
            gathered.append(piece)
            count = size
    return gathered


def to_plain(markdown: str) -> str:
    """Return the text a reader sees, one block a line, without markup and raw HTML."""
    blocks = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "inline":
            blocks.append(inline_text(token))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.strip())
    return "\n".join(block for block in blocks if block)


def inline_text(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(inline_text(child))
    return "".join(parts).strip()
