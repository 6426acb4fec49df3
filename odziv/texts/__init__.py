"""Sentences for people, in each language that is served: a folder a language, a file a subject, and one way to them."""

from odziv.settings import REFERENCE
from odziv.texts.catalogue import CATALOGUE, BrokenTexts, Catalogue, say

__all__ = ["CATALOGUE", "REFERENCE", "BrokenTexts", "Catalogue", "say"]
