"""Whose picture is where, for every page of the desk."""

from __future__ import annotations

from flask import g

from odziv.desk.blueprint import blueprint
from odziv.store.agents.portraits import list_portraits
from odziv.web.drawing.portraits import portrait_path
from odziv.web.services import services


@blueprint.app_template_global("portrait_of")
def portrait_of(agent_id: int) -> str | None:
    """The address of an agent's picture, below this server; None where they have none."""
    if "portraits" not in g:
        g.portraits = list_portraits(services().store)
    return portrait_path(g.portraits.get(agent_id))
