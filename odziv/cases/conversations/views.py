"""Saved views of the list of conversations: who may keep, change, share and delete one."""

from __future__ import annotations

from odziv.cases.customers.customer_details import clean_line, is_blank
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.lengths import LONGEST_VIEW_NAME
from odziv.store.search import views
from odziv.store.search.views import MOST_VIEWS, SavedView, TooManyViews
from odziv.texts.desk import _

LONGEST_FILTERS = 2000  # of a view, as they stand in an address


def save_view(store: Store, agent: Agent, name: str, query: str, *, shared: bool) -> int:
    """Keeps a new view; returns its id. Raises Refused for a bad name, or when there are too many."""
    name = _check(name, query)
    try:
        return views.add_view(store, agent.id, name, query, shared=shared)
    except TooManyViews:
        raise Refused(
            Kind.UNFIT, _("Not saved: you have %(most)s views already. Delete one first.", most=MOST_VIEWS)
        ) from None


def change_view(store: Store, agent: Agent, view_id: int, name: str, query: str, *, shared: bool) -> None:
    """Renames a view, gives it other filters, or shares it. Raises Refused unless it is the agent's own, or they are
    an administrator."""
    _get_own(store, agent, view_id)
    if not views.change_view(store, view_id, agent.id, name=_check(name, query), query=query, shared=shared):
        raise Refused(Kind.NOT_FOUND, _("There is no such view."))


def delete_view(store: Store, agent: Agent, view_id: int) -> SavedView:
    """Deletes a view, and returns it. Raises Refused as `change_view`."""
    view = _get_own(store, agent, view_id)
    views.delete_view(store, view_id, agent.id)
    return view


def may_change(agent: Agent, view: SavedView) -> bool:
    """Whether the agent may: it is theirs; or it is shared, and they are an administrator."""
    return view.agent_id == agent.id or (view.shared and agent.role == "admin")


def get_view(store: Store, agent: Agent, view_id: int) -> SavedView:
    """A view that the agent sees. Raises Refused for all others, as if there were none."""
    view = views.find_view(store, view_id)
    if view is None or not (view.shared or view.agent_id == agent.id):
        raise Refused(Kind.NOT_FOUND, _("There is no such view."))
    return view


def _get_own(store: Store, agent: Agent, view_id: int) -> SavedView:
    view = get_view(store, agent, view_id)
    if not may_change(agent, view):
        raise Refused(
            Kind.FORBIDDEN,
            _("Nothing changed: this view is %(owner)s’s. They or an administrator can.", owner=view.owner),
        )
    return view


def _check(name: str, query: str) -> str:
    try:
        name = clean_line(name)
    except ValueError:
        name = ""
    if is_blank(name) or len(name) > LONGEST_VIEW_NAME:
        raise Refused(
            Kind.UNFIT, _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_VIEW_NAME)
        )
    if len(query) > LONGEST_FILTERS:
        raise Refused(Kind.UNFIT, _("Not saved: these are too many filters for one view."))
    return name
