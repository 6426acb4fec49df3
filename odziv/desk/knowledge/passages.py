"""The knowledge base beside the reply box: the passages that may answer what the customer just asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flask import render_template
from pydantic import AfterValidator, Field

from kb.knowledge import Hit
from kb.language.text import one_line
from kb.render import render, with_whole_addresses
from kb.sources.passages import to_plain
from odziv.cases.mails.question import without_notes
from odziv.cases.refused import Kind
from odziv.desk.conversation.filling import absolute_link, markdown_link
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, page
from odziv.store.conversations.messages import find_newest_of_customer
from odziv.store.lengths import LONGEST_SEARCH
from odziv.web.forms import Form, Wrong, read_address
from odziv.web.services import services

MOST = 3  # as many as there are keys: Alt+1, Alt+2, Alt+3
# What is less likely to be the answer is shown only to somebody who looks for it.
LEAST_CONFIDENCE = 0.03


class PassageSearch(Form):
    """What an agent looks for; nothing: what the customer asked."""

    q: Annotated[
        str,
        AfterValidator(one_line),
        Field(max_length=LONGEST_SEARCH),
        Wrong(Kind.UNFIT, f"Please look for something shorter: {LONGEST_SEARCH} characters are the most."),
    ] = ""


@dataclass(frozen=True)
class FoundPassage:
    """A passage on the panel: `markdown` is what is inserted, `html` how the customer will see the passage."""

    hit: Hit
    preview: str
    html: str
    markdown: str


@page("/conversations/<conversation_id>/knowledge", needs=AGENT)
def show_knowledge(conversation_id: str) -> str:
    """The best published passages for `?q=`, or for the customer's newest message; fetched by an open page."""
    conversation = find_or_404(conversation_id)
    search = read_address(PassageSearch).q
    newest = find_newest_of_customer(services().store, conversation_id)
    asked = search or (without_notes(newest.text) if newest else "")
    # Never `include_internal`: what is found here goes to a customer by one key.
    hits = services().kb.search(asked, conversation.language, MOST) if asked else []
    found = [_show(hit) for hit in hits if search or hit.confidence >= LEAST_CONFIDENCE]
    return render_template(
        "desk/knowledge/_knowledge_found.html", conversation=conversation, found=found, search=search
    )


def _show(hit: Hit) -> FoundPassage:
    link = absolute_link(hit.article, hit.language)
    passage = with_whole_addresses(hit.text, hit.language, services().settings.url)
    return FoundPassage(
        hit=hit,
        preview=" ".join(to_plain(hit.text).split()),
        html=render(hit.text, hit.language),
        markdown=f"{passage}\n\n{markdown_link(hit.title, link)}",
    )
