"""The knowledge base: articles in, answers with an honest confidence out. It knows nothing of the other packages.

`KnowledgeBase` is loaded when it is first named: what it needs takes seconds and some hundred megabytes, and who only
shows articles needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.hits import Decision, Hit
from kb.sources.articles import Article, Problem

if TYPE_CHECKING:
    from kb.knowledge import KnowledgeBase

__all__ = ["Article", "Decision", "Hit", "KnowledgeBase", "Problem"]


def __getattr__(name: str) -> Any:
    if name != "KnowledgeBase":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kb.knowledge import KnowledgeBase

    return KnowledgeBase
