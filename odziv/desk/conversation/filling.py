"""What a saved reply's placeholders stand for in one conversation, and in which of its languages it is inserted."""

from __future__ import annotations

import re

from flask_login import current_user

from odziv.cases.conversations.placeholders import clean_name
from odziv.desk.conversation.log_page import MOST
from odziv.desk.frame.labels import label_site, link_article
from odziv.settings import LANGUAGES
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import list_messages
from odziv.texts.moments import name_language
from odziv.web.services import services


def choose_text(texts: dict[str, str], language: str) -> tuple[str, str]:
    """The language and the text to insert: the conversation's, else the default's, else the first there is."""
    served = services().settings
    for wanted in (language, served.default_language, *served.languages, *texts):
        if texts.get(wanted):
            return wanted, texts[wanted]
    return language, ""


def find_values(conversation: Conversation) -> dict[str, dict[str, str | None]]:
    """What each placeholder stands for now, by the language of the text it stands in; None for what isn't known."""
    customer = clean_name(conversation.name)
    article = _article_of(conversation)
    known = {
        "customer.name": customer,
        "customer.first_name": customer and customer.split()[0],
        "agent.name": current_user.name,
        "agent.first_name": (current_user.name.split() or [None])[0],
        "site.name": label_site(conversation.site),
        "article.title": article and article[0],
        "article.link": article and markdown_link(*article),
    }
    return {
        language: {**known, "conversation.language": name_language(conversation.language, language)}
        for language in LANGUAGES
    }


def markdown_link(title: str, url: str) -> str:
    """A Markdown link; what stands in the title can't end it."""
    escaped = re.sub(r"([\\\[\]])", r"\\\1", title)
    return f"[{escaped}]({url})"


def absolute_link(article_id: str, language: str) -> str:
    """The address of an article's page, as a customer can open it from anywhere."""
    return services().settings.url + link_article({"article": article_id, "language": language})


def _article_of(conversation: Conversation) -> tuple[str, str] | None:
    """Title and address of the article that the bot answered with or thought of last, if it is still published."""
    if services().kb is None:
        return None
    for message in reversed(list_messages(services().store, conversation.id, conversation.last_seq - MOST)):
        thought_of = message.answer or (message.considered or [None])[0]
        if thought_of:
            article = services().kb.article(thought_of["article"], conversation.language)
            return article and (article.title, absolute_link(article.id, article.language))
    return None
