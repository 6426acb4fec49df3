"""Structured data for search engines (schema.org); the template escapes it, so that no text can end its block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kb.sources.articles import Article
from odziv.help.catalogue import category_of, lead_of, path_of

CONTEXT = "https://schema.org"
LONGEST_EXCERPT = 600  # characters


def faq_data(articles: Sequence[Article], language: str, url: str) -> dict[str, Any]:
    """Questions and how their answers begin."""
    return {
        "@context": CONTEXT,
        "@type": "FAQPage",
        "inLanguage": language,
        "mainEntity": [
            {
                "@type": "Question",
                "name": article.title,
                "url": url + path_of(article.language, article.id),
                "acceptedAnswer": {"@type": "Answer", "text": article.passages[0].plain[:LONGEST_EXCERPT]},
            }
            for article in articles
        ],
    }


def article_data(article: Article, publisher: str, url: str, changed: datetime, category: str) -> list[dict[str, Any]]:
    """The article, and the way to it from the front page."""
    address = url + path_of(article.language, article.id)
    way = [
        (publisher, url + path_of(article.language)),
        (category, f"{url}{path_of(article.language, category_of(article.id))}/"),
        (article.title, address),
    ]
    return [
        {
            "@context": CONTEXT,
            "@type": "Article",
            "headline": article.title[:110],
            "description": lead_of(article),
            "inLanguage": article.language,
            "dateModified": changed.isoformat(timespec="seconds"),
            "mainEntityOfPage": address,
            "publisher": {"@type": "Organization", "name": publisher},
        },
        {
            "@context": CONTEXT,
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": number, "name": name, "item": item}
                for number, (name, item) in enumerate(way, 1)
            ],
        },
    ]
