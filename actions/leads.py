"""Which passage of an article, and which rows of its lists and tables, speak of what a question asks about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from actions.asked_about import read_asked
from actions.rows import Block, blocks_of, join_blocks, name_of, sort_rows
from kb import Article
from kb.language.text import words
from kb.sources.passages import Passage

# What a word counts for a passage that has it: as a row's name, or a name in the heading; as a name in the text, if no
# other passage has it and if others have; in the heading; anywhere else, if no other passage has it. What the likeliest
# passage has ahead, and from where on a passage leads.
ROW, ONLY_NAME, NAME, HEADING, SAID = 4, 3, 2, 2, 1
LIKELIEST, LEADS = 1, 3
NAMED = 2  # what a word counts for a row that is called so; SAID is for any other that it has
_WITHIN = re.compile(r"(?<=[\w,;–-] )[^\W\d_]\w+|(?<=\()[^\W\d_]\w+")  # a word that begins no sentence


class QuestionedArticle:
    """An article as seen by one question; `likely` are the numbers of its likeliest passages, the best first."""

    def __init__(self, article: Article, question: str, language: str, likely: Sequence[int] = ()) -> None:
        self._article, self._likely = article, likely
        text = "\n".join(part for each in article.passages for part in (each.heading or "", each.plain))
        self._asked = read_asked(question, language, text, article.language)

    @cached_property
    def lead(self) -> int | None:
        """The number of the passage that is to come first; None when that is the opening."""
        scores = [self._score(place) for place in range(len(self._article.passages))]
        best = max(range(len(scores)), key=scores.__getitem__)
        return best if scores[best] >= LEADS else None

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages; in their lists and tables, the rows that speak of it come first."""
        return tuple(self._sorted(passage) for passage in self._article.passages)

    def score_of(self, block: Block) -> int:
        """How much the best row of a block speaks of it."""
        return max(map(self._score_in(block), block.rows), default=0)

    def rows_asked(self, block: Block) -> Block:
        """A list or table with the rows alone that speak of it; all of a block in which none does."""
        score = self._score_in(block)
        rows = tuple(row for row in block.rows if score(row))
        return replace(block, rows=rows) if rows and block.kind in ("list", "table") else block

    def _in(self, text: str) -> frozenset[int]:
        return self._asked.found_in(text, self._article.language)

    @cached_property
    def _in_title(self) -> frozenset[int]:
        return self._in(self._article.title)

    @cached_property
    def _in_opening(self) -> frozenset[int]:
        return self._in_title | self._in(self._article.passages[0].plain)

    @cached_property
    def _opening_names_it(self) -> bool:
        return bool(self._named(self._article.passages[0]) - self._in_title)

    @cached_property
    def _only_once(self) -> frozenset[int]:
        """The words that one passage has and no other."""
        found = [self._in(passage.plain) for passage in self._article.passages]
        return frozenset(word for each in found for word in each if sum(word in other for other in found) == 1)

    def _score(self, place: int) -> int:
        """How much a passage speaks of what the opening does not, which is shown anyway.

        Where the opening has a name that was asked for, only another name counts.
        """
        if not place:
            return 0
        passage = self._article.passages[place]
        ways = [(ROW, self._in_rows(passage)), (NAME, self._named(passage))]
        if not self._opening_names_it:
            ways += [(HEADING, self._in(passage.heading or "")), (SAID, self._in(passage.plain) & self._only_once)]
        weights: dict[int, int] = {}
        for weight, found in ways:
            for word in found - self._in_opening - weights.keys():
                weights[word] = ONLY_NAME if weight == NAME and word in self._only_once else weight
        score = sum(weights.values())
        return score + (LIKELIEST if score and place in self._likely[:1] else 0)

    def _in_rows(self, passage: Passage) -> frozenset[int]:
        """The words that are in the name of a row, or a name within the heading."""
        rows = [row for block in blocks_of(passage.text) if block.kind != "text" for row in block.rows]
        return self._among([*map(name_of, rows), *names_within(passage.heading or "")])

    def _named(self, passage: Passage) -> frozenset[int]:
        """The words that are a name or a weekday in the passage."""
        names = self._in("\n".join(names_within(passage.plain)))
        return self._in_rows(passage) | names | self._asked.days_found_in(passage.plain, self._article.language)

    def _among(self, names: Sequence[str]) -> frozenset[int]:
        short = (self._asked.abbreviated_in(word) for name in names for word in words(name))
        return self._in("\n".join(names)).union(*short)

    def _sorted(self, passage: Passage) -> Passage:
        blocks = blocks_of(passage.text)
        done = tuple(sort_rows(block, self._score_in(block)) for block in blocks)
        return passage if done == blocks else replace(passage, text=join_blocks(done))

    def _score_in(self, block: Block) -> Callable[[str], int]:
        """How much a row speaks of it, by what not all rows of the block have."""
        found = {row: (self._among([name_of(row)]), self._in(row)) for row in block.rows}
        everywhere = [named | said for named, said in found.values()]  # none for a table without rows
        idle = self._in_title.union(frozenset.intersection(*everywhere) if everywhere else ())

        def score(row: str) -> int:
            named, said = found[row]
            return NAMED * len(named - idle) + SAID * len(said - named - idle)

        return score


def names_within(text: str) -> list[str]:
    """The words that begin with a capital where no sentence begins."""
    return [word for word in _WITHIN.findall(text) if word[0].isupper()]
