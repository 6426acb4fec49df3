"""The knowledge base beside the reply box: the passages that may answer what the customer asked last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from flask import render_template
from pydantic import AfterValidator, Field

from kb.hits import Hit
from kb.language.text import one_line
from kb.render import render, with_whole_addresses
from kb.sources.passages import to_plain
from odziv.cases.learning.matter import find_matter
from odziv.cases.refused import Kind
from odziv.desk.conversation.filling import absolute_link, markdown_link
from odziv.desk.frame.lookups import find_or_404
from odziv.desk.frame.roles import AGENT, page
from odziv.store.conversations.asked import list_asked
from odziv.store.conversations.conversation import Conversation
from odziv.store.lengths import LONGEST_SEARCH
from odziv.texts.desk import N_
from odziv.web.forms import Form, Wrong, read_address
from odziv.web.services import services

MOST = 3  # as many as there are keys: Alt+1, Alt+2, Alt+3


class PassageSearch(Form):
    """What an agent looks for; nothing: what the customer asked."""

    q: Annotated[
        str,
        AfterValidator(one_line),
        Field(max_length=LONGEST_SEARCH),
        Wrong(
            Kind.UNFIT,
            N_("Please look for something shorter: %(most)s characters are the most."),
            {"most": LONGEST_SEARCH},
        ),
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
    """The best published passages for `?q=`, or for what the customer asked last; fetched by an open page.

    What is unlikely to be the answer is shown only to somebody who looks for it.
    """
    conversation = find_or_404(conversation_id)
    search = read_address(PassageSearch).q
    hits = _search(search, conversation.language) if search else _find_likely(conversation)
    return render_template(
        "desk/knowledge/_knowledge_found.html",
        conversation=conversation,
        found=[_show(hit) for hit in hits],
        search=search,
    )


def _find_likely(conversation: Conversation) -> Sequence[Hit]:
    asked = list_asked(services().store, conversation.id)
    matter = find_matter(asked, conversation.language, lambda text: _search(text, conversation.language))
    return matter.hits if matter else ()


def _search(text: str, language: str) -> list[Hit]:
    # Never `include_internal`: what is found here goes to a customer by one key.
    return services().kb.search(text, language, MOST)


def _show(hit: Hit) -> FoundPassage:
    link = absolute_link(hit.article, hit.language)
    passage = with_whole_addresses(hit.text, hit.language, services().settings.url)
    return FoundPassage(
        hit=hit,
        preview=" ".join(to_plain(hit.text).split()),
        html=render(hit.text, hit.language),
        markdown=f"{passage}\n\n{markdown_link(hit.title, link)}",
    )
