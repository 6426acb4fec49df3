"""The topics conversations are sorted by: the categories of the articles."""

from __future__ import annotations

from odziv.web.services import services


def list_topics() -> list[str]:
    """Every category folder there is, in any language, and those that config.yml names."""
    folders = {path.name for path in services().settings.articles.glob("*/*") if path.is_dir()}
    named = folders | set(services().settings.desk.agent_topics)
    return sorted(topic for topic in named if not topic.startswith(".") and len(topic) <= 64)
