"""The page "Team": who has what, since when, and how long customers wait. For administrators."""

from __future__ import annotations

from flask import render_template

from odziv.cases.queue.overview import look_at_team
from odziv.desk.blueprint import blueprint, is_fragment
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, page
from odziv.store.handoffs.in_hand import mark_in_hand
from odziv.texts.desk import _
from odziv.web.services import services

MINUTE_MS = 60_000


@page("/team", needs=ADMIN)
def show_team() -> str:
    """All of it as it is now; a page that is open fetches the part that changes."""
    mark = mark_in_hand(services().store)  # before it is read: what changes meanwhile is fetched
    seen = look_at_team(services().store, services().settings)
    if is_fragment():
        return render_template("desk/team/_team.html", seen=seen)
    return show_page("desk/team/team.html", "team", seen=seen, team_mark=mark)


@blueprint.app_template_filter("span_label")
def label_span(milliseconds: int | None) -> str:
    """How long something took: "under 1 min", "42 min", "3 h 5 min"; a dash where nothing did."""
    if milliseconds is None:
        return "–"
    minutes = milliseconds // MINUTE_MS
    if minutes < 1:
        return _("under 1 min")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min", minutes=minutes)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
