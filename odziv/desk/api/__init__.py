"""The desk for programs: the same verbs by the same functions, as JSON, for whoever has a token."""

from odziv.desk.api import (
    acting,
    addresses,
    aside,
    audit,
    begun,
    conversations,
    files,
    finding,
    forwarding,
    knowledge,
    learning,
    notifications,
    proposals,
    reading,
    settings,
    several,
    team,
)
from odziv.desk.api.blueprint import blueprint
from odziv.desk.api.kept import fields, labels, macros, replies, rules, views

__all__ = ["blueprint"]
