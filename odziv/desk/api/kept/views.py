"""Saved views for programs: kept, changed and deleted; and the conversations that one shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Response, jsonify
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from odziv.cases.conversations import views
from odziv.cases.conversations.views import get_view, may_change
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Page, read_cursor, write_cursor
from odziv.desk.api.finding import read_place
from odziv.desk.api.kept.bodies import FiltersBody, ViewKept, ViewMade
from odziv.desk.api.kept.making import make
from odziv.desk.finding.address import ConversationsAddress
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.roles import AGENT
from odziv.store.conversations.conversation import list_of_ids
from odziv.store.search.finding import Place, search
from odziv.store.search.listing import list_wanted
from odziv.store.search.views import SavedView, list_views
from odziv.store.webhooks.marks import list_marks
from odziv.store.webhooks.payloads import conversation_payload
from odziv.web.bodies import read_body, read_query
from odziv.web.forms import read
from odziv.web.services import services

VIEW = f"/views/<int(max={LARGEST_ID}):view_id>"


@call("GET", "/views", needs=AGENT)
def get_views() -> Response:
    """The agent's own and everybody's, by name."""
    return jsonify(views=[_view_json(view) for view in list_views(services().store, current_user.id)])


@call("GET", f"{VIEW}/conversations", needs=AGENT)
def get_view_conversations(view_id: int) -> Response:
    """What it shows, in its order, a page at a time."""
    view, query = get_view(services().store, current_user.agent, view_id), read_query(Page)
    address = read(ConversationsAddress, MultiDict(parse_qsl(view.query)))
    ids, following = _list_ids(address, int(query.limit), query.cursor)
    found = {one.id: one for one in list_of_ids(services().store, ids)}
    marks = list_marks(services().store, ids)
    shown = [conversation_payload(found[one], marks[one]) for one in ids if one in found]
    return jsonify(conversations=shown, next_cursor=write_cursor(*following) if following else None)


@call("POST", "/views", needs=AGENT)
def post_new_view() -> tuple[Response, int]:
    """Keeps one."""
    agent = current_user.agent
    made = make(
        ViewMade,
        lambda store, body: views.save_view(store, agent, body.name, _write(body.filters), shared=body.shared),
    )
    return _as_it_is(made), 201


@call("PUT", VIEW, needs=AGENT)
def put_changed_view(view_id: int) -> Response:
    """Changes one: the agent's own, or, of an administrator, a shared one."""
    body, agent = read_body(ViewKept), current_user.agent
    views.change_view(services().store, agent, view_id, body.name, _write(body.filters), shared=body.shared)
    return _as_it_is(view_id)


@call("DELETE", VIEW, needs=AGENT)
def delete_view(view_id: int) -> tuple[str, int]:
    """Deletes one."""
    views.delete_view(services().store, current_user.agent, view_id)
    return "", 204


def _write(filters: FiltersBody) -> str:
    """As they stand in the page's address, from which it shows them."""
    sent: MultiDict[str, str] = MultiDict(filters.model_dump(mode="json", exclude_none=True))
    return read(ConversationsAddress, sent).query()


def _list_ids(
    address: ConversationsAddress, limit: int, cursor: str | None
) -> tuple[list[str], tuple[int, str] | Place | None]:
    """The ids of a page, and where the next one begins."""
    store, wanted = services().store, address.wanted()
    if address.q:
        hits, following = search(store, address.q, wanted, limit, kind=address.entry_kind, after=read_place(cursor))
        return [hit.conversation.id for hit in hits], following
    rows, next_row = list_wanted(store, wanted, address.sort, read_cursor(cursor), limit)
    return [row.id for row in rows], next_row


def _as_it_is(view_id: int) -> Response:
    return jsonify(view=_view_json(get_view(services().store, current_user.agent, view_id)))


def _view_json(view: SavedView) -> dict[str, Any]:
    pairs = parse_qsl(view.query)
    filters: dict[str, Any] = {name: value for name, value in pairs if name != "state"}
    if states := [value for name, value in pairs if name == "state"]:
        filters["state"] = states
    return {
        "id": view.id,
        "name": view.name,
        "shared": view.shared,
        "owner": view.owner,
        "may_change": may_change(current_user.agent, view),
        "filters": filters,
    }
