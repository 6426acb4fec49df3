"""The knowledge base: articles in, answers with an honest confidence out. It knows nothing of the other packages."""

from kb.knowledge import Decision, Hit, KnowledgeBase
from kb.sources.articles import Article, Problem

__all__ = ["Article", "Decision", "Hit", "KnowledgeBase", "Problem"]
