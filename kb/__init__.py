"""The knowledge base: articles in, answers with an honest confidence out. It knows nothing of the other packages."""

from kb.articles import Article, Problem
from kb.knowledge import Decision, Hit, KnowledgeBase

__all__ = ["Article", "Decision", "Hit", "KnowledgeBase", "Problem"]
