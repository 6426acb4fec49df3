"""The topics conversations are sorted by: the categories of the articles. And their names, and languages', in words."""

from __future__ import annotations

from odziv.settings import Settings
from odziv.texts.desk import N_, _, spoken
from odziv.texts.moments import name_language

# Why a person is wanted.
REASONS = {
    "requested": N_("Asked for a person"),
    "low_confidence": N_("Bot was not sure"),
    "complaint": N_("Complaint"),
    "danger": N_("Somebody in danger"),
    "legal": N_("Withdrawal, lawyer or authority"),
    "unanswered": N_("Unanswered twice"),
    "article": N_("Article asks for a person"),
    "failure": N_("Bot had a failure"),
    "mail": N_("E-mail the bot may not answer"),
    "returned": N_("Came back to their agent"),
    "reopened": N_("Reopened by an agent"),
    "begun": N_("Begun by an agent"),
}


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
    """The name of a language, as the language spoken has it; those of a list begin with it."""
    if not code:
        return _("Unknown")
    name = name_language(code, spoken())
    return name[:1].upper() + name[1:]


def label_reason(reason: str) -> str:
    """Why a person is wanted, in words."""
    return _(REASONS[reason]) if reason in REASONS else reason.replace("_", " ").capitalize()
