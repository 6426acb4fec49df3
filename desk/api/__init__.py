"""The desk for programs: the same verbs by the same functions, as JSON, for whoever has a token."""

from desk.api import acting, cases, files, knowledge, learning, reading  # noqa: F401 (they add routes)
from desk.api.blueprint import blueprint

__all__ = ["blueprint"]
