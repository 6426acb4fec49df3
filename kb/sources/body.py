"""What customers read of an article: its text without editors' comments, with links that work, cut into passages."""

from __future__ import annotations

from dataclasses import dataclass

from kb.sources.comments import Numbered, loose_ends, misplaced_topics, strip_comments
from kb.sources.faults import Fault, Reason
from kb.sources.links import Link, Place, headings_in, make_anchor, write_links
from kb.sources.passages import MARKDOWN, Passage, cut, inline_text
from kb.sources.section_topics import read_section_topics

ANCHORED = ("h2", "h3", "h4")  # headings that a link can lead to


@dataclass(frozen=True)
class Body:
    """An article's text. `faults` keep it from being served, `warnings` don't; `anchors` are those of its headings."""

    text: str
    passages: tuple[Passage, ...] = ()
    links: tuple[Link, ...] = ()
    anchors: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def read_body(source: Numbered, place: Place) -> Body:
    """Return what stands below the head of the article at `place`."""
    stripped, faults = strip_comments(source, keep_topics=True)
    sections = read_section_topics(stripped)
    without, left = strip_comments(sections.source)
    faults += [*sections.faults, *misplaced_topics(sections.source), *left]
    linked = write_links(without, place)
    text = linked.source.text.strip("\n").rstrip()
    passages = cut(text, sections.topics)
    if not passages:
        faults.append(Fault(source.line_at(len(source.text.removesuffix("\n"))), NO_TEXT))
    return Body(
        text,
        passages,
        linked.links,
        anchors_in(text),
        tuple(dict.fromkeys(faults)),
        (*linked.faults, *loose_ends(without)),
    )


NO_TEXT = Reason("has no text below its head; write the answer there")


def anchors_in(text: str) -> tuple[str, ...]:
    """Return the anchors of the headings in a text, in their order."""
    anchors: list[str] = []
    for tag, heading in headings_in(text) if "#" in text or "\n--" in text else ():
        if tag in ANCHORED:
            anchors.append(make_anchor(inline_text(MARKDOWN.parseInline(heading)[0]), anchors))
    return tuple(anchors)
