"""What of an article is shown for a question: all of a short one, else its opening and what was asked about, first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.leads import QuestionedArticle
from actions.rows import Block, blocks_of, count_words, cut_blocks, join_blocks
from kb import Article
from kb.sources.passages import Passage, leads_on

SHOWN = 150  # words that read well in a chat bubble: an article that has no more is shown whole
LEAST = 50  # of them, what a longer one's opening has in any case
BEST = 3  # of its likeliest passages are shown at most


@dataclass(frozen=True)
class Shown:
    """The Markdown to show of an article, and whether it is all there is."""

    text: str
    is_whole: bool


def compose(article: Article, questions: Iterable[str] = (), language: str = "", likely: Sequence[int] = ()) -> Shown:
    """What to show of `article`; `likely` are the numbers of the passages that fit best, the best first.

    What the first of `questions` (in `language`) that names something in the article asks about comes first; then
    the opening, the likeliest passage, and the others.
    """
    views = [QuestionedArticle(article, each, language, likely) for each in dict.fromkeys([*questions, ""])]
    view = next((each for each in views if each.lead), views[0])
    order = list(dict.fromkeys([view.lead or 0, 0, *likely[:1], *range(len(view.passages))]))
    if sum(len(each.plain.split()) for each in article.passages) <= SHOWN:
        return Shown(join_passages(view.passages[place] for place in order), is_whole=True)
    first = view.lead or (likely[0] if likely else 0)
    kept = choose(view, list(dict.fromkeys([first, 0, *(likely[:BEST] or order)])))
    return Shown(join_passages(kept[place] for place in order if place in kept), is_whole=False)


def choose(view: QuestionedArticle, wanted: Sequence[int]) -> Mapping[int, Passage]:
    """The passages to show, by number: the first wanted one and the opening, cut if need be, and others that fit."""
    first, *others = wanted
    opening = min(LEAST, count_words(view.passages[0].text)) if first else 0
    kept = {first: cut_down(view.passages[first], SHOWN - opening, view)}
    for place in others:
        room = SHOWN - sum(count_words(each.text) for each in kept.values())
        passage = view.passages[place]
        if place and room < min(LEAST, count_words(passage.text)):
            break
        kept[place] = cut_down(passage, room, view)
    return kept


def cut_down(passage: Passage, room: int, view: QuestionedArticle) -> Passage:
    """The passage, or what fits into `room` words from the block on that speaks most of what was asked."""
    if count_words(passage.text) <= room:
        return passage
    blocks = [view.rows_asked(block) for block in blocks_of(passage.text)]
    best = max(range(len(blocks)), key=lambda place: view.score_of(blocks[place]))
    return replace(passage, text=join_blocks(cut_blocks(with_lead_in(blocks, best), room)))


def with_lead_in(blocks: Sequence[Block], place: int) -> list[Block]:
    """The blocks from `place` on; a list or table with the sentence before it, anything with what ends in a colon."""
    rest = list(blocks[place:])
    before = blocks[place - 1] if place else None
    if before is None or not (before.kind == "text" and rest[0].kind != "text" or leads_on(before.text)):
        return rest
    return [*with_lead_in([*blocks[: place - 1], replace(before, rows=before.rows[-1:])], place - 1), *rest]


def join_passages(passages: Iterable[Passage]) -> str:
    """The passages' Markdown, each heading once, in bold: a heading proper is too loud in a chat."""
    parts, heading = [], None
    for passage in passages:
        if passage.heading and passage.heading != heading:
            parts.append(f"**{passage.heading}**")
        heading = passage.heading
        parts.append(passage.text)
    return "\n\n".join(parts)
