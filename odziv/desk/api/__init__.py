"""The desk for programs: the same verbs by the same functions, as JSON, for whoever has a token."""

from odziv.desk.api import (
    acting,
    conversations,
    fields,
    files,
    finding,
    knowledge,
    labels,
    learning,
    macros,
    reading,
    settings,
    team,
)
from odziv.desk.api.blueprint import blueprint

__all__ = ["blueprint"]
