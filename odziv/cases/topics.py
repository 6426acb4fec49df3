"""The topics conversations are sorted by: the categories of the articles. And their names, and languages', in words."""

from __future__ import annotations

from odziv.settings import DESK_LANGUAGE, Settings
from odziv.texts.moments import name_language


def list_topics(settings: Settings) -> list[str]:
    """Every category folder there is, in any language, and those that config.yml names."""
    folders = {path.name for path in settings.articles.glob("*/*") if path.is_dir()}
    named = folders | set(settings.desk.agent_topics)
    return sorted(topic for topic in named if not topic.startswith(".") and len(topic) <= 64)


def list_articles(settings: Settings) -> list[str]:
    """Every article there is in any language, as "orders/return"."""
    return sorted({f"{path.parent.name}/{path.stem}" for path in settings.articles.glob("*/*/*.md")})


def label_topic(topic: str) -> str:
    """The name of a topic: an article category's folder, in words."""
    return topic.replace("-", " ").replace("_", " ").capitalize()


def label_language(code: str | None) -> str:
    """The English name of a language."""
    return name_language(code, DESK_LANGUAGE) if code else "Unknown"
