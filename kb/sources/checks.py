"""Whether articles lead to one another as they say: links, follow-ups and topics, each fault with its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kb.sources.articles import Article, Problem, relative_name
from kb.sources.faults import Fault, Reason
from kb.sources.links import Link

Versions = Mapping[str, Mapping[str, Article]]  # by path, then by language


def check_articles(articles: Iterable[Article], root: Path) -> list[Problem]:
    """Return a problem for what is doubtful in each article; these articles still serve."""
    articles = list(articles)
    versions: dict[str, dict[str, Article]] = defaultdict(dict)
    for article in articles:
        versions[article.id][article.language] = article
    problems = []
    for article in articles:
        faults = [*article.warnings, *_follow_ups(article, versions), *_links(article, versions)]
        name = relative_name(article.path, root)
        found = sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0)
        problems += [Problem(name, fault.line, fault.reason, is_broken=False) for fault in found]
    return problems


def check_topics(articles: Iterable[Article], known: Iterable[str], root: Path) -> list[Problem]:
    """Return a problem for each topic that the library does not have; these articles still serve."""
    known, problems = set(known), []
    for article in articles:
        for missing in [topic for topic in (*article.every_topic, *article.not_topics) if topic not in known]:
            reason = Reason("`topics` names %(topic)s, which is no topic of the library", topic=missing)
            line = _line_of_topic(article, missing)
            problems.append(Problem(relative_name(article.path, root), line, reason, is_broken=False))
    return problems


def _line_of_topic(article: Article, topic: str) -> int | None:
    for key, named in (("topics", article.topics), ("not_topics", article.not_topics)):
        if topic in named:
            return article.lines.get((key, named.index(topic))) or article.lines.get((key,))
    return None


def _follow_ups(article: Article, versions: Versions) -> Iterator[Fault]:
    for number, named in enumerate(article.follow_ups):
        line = article.lines.get(("follow_ups", number))
        if named not in versions:
            yield Fault(line, Reason("`follow_ups` names %(article)s, which is no article", article=named))
        elif article.status == "published" and (why := _unread(versions[named])):
            yield Fault(
                line,
                Reason("`follow_ups` names %(article)s, which customers can't read: %(why)s", article=named, why=why),
            )


def _links(article: Article, versions: Versions) -> Iterator[Fault]:
    for link in article.links:
        if reason := _dead(article, link, versions):
            yield Fault(link.line, reason)


def _dead(article: Article, link: Link, versions: Versions) -> str:
    """Return why a link does not lead where it says; empty where it does."""
    target, written = link.target, repr(link.written)
    if target.article not in versions:
        return Reason(
            "the link %(link)s leads to %(article)s, which is no article", link=written, article=target.article
        )
    there = versions[target.article]
    if article.status == "published" and target.article != article.id and (why := _unread(there)):
        return Reason(
            "the link %(link)s leads to %(article)s, which customers can't read: %(why)s",
            link=written,
            article=target.article,
            why=why,
        )
    shown = there.get(target.language) or next(iter(there.values()))
    if target.anchor and target.anchor not in shown.anchors:
        known = ", ".join(f"#{anchor}" for anchor in shown.anchors[:5]) or Reason("no headings")
        return Reason(
            "the link %(link)s leads to #%(anchor)s, which is no heading of %(article)s; it has %(known)s",
            link=written,
            anchor=target.anchor,
            article=target.article,
            known=known,
        )
    return ""


def _unread(versions: Mapping[str, Article]) -> str:
    """Return why customers can't read an article in any language; empty where they can."""
    if any(article.status == "published" for article in versions.values()):
        return ""
    is_draft = any(article.status == "draft" for article in versions.values())
    return Reason("it is a draft") if is_draft else Reason("it is internal")
