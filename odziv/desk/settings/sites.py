"""The websites: added, given their look and greetings with a preview, and removed. For administrators."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.cases.settings.changing import Unfit
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.desk.frame.safety import CSP
from odziv.desk.settings.contrast import find_poor_contrast
from odziv.desk.settings.fields import NewSite, Shown
from odziv.desk.settings.sections import change, save
from odziv.settings.layers import is_named
from odziv.settings.offered import split
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, Position, Wrong, read_address, read_form
from odziv.web.services import services

SITE = "/settings/sites/<key>"
OUT_OF_DATE = Wrong(Kind.INVALID, N_("This page is out of date. Please reload it."))


class Look(Form):
    """What the preview is to look like."""

    color: str = ""
    theme: Annotated[Literal["auto", "light", "dark"], OUT_OF_DATE] = "auto"
    position: Annotated[Literal["right", "left"], OUT_OF_DATE] = "right"
    name: str = ""
    language: str = "en"


class Seen(Form):
    """The edition that was shown."""

    edition: Position = 0


@page("/settings/sites", needs=ADMIN)
def show_sites() -> str:
    """All of them, and how to add one."""
    return _show_list(Shown(services().settings), NewSite())


@action("/settings/sites", needs=ADMIN)
def add_site() -> AnyResponse | tuple[str, int]:
    """Adds one; the widget can carry it at once."""
    sent = read_form(NewSite)
    key = f"sites/{sent.key}"
    if sent.key in services().settings.sites:
        return _show_list(Shown(services().settings, {}, {"": _("There is a site of that name already.")}), sent), 409
    try:
        change(current_user.agent, {key: True, f"{key}/name": sent.name}, sent.edition)
    except Unfit as unfit:
        return _show_list(Shown(services().settings, {}, {"": next(iter(unfit.problems.values()))}), sent), 422
    flash(_("Added: %(name)s. Now say from which addresses it may be used.", name=sent.name))
    return redirect(url_for("desk.show_site", key=sent.key), 303)


@page(SITE, needs=ADMIN)
def show_site(key: str) -> Response:
    """One site's form, beside a page that shows its widget."""
    return _show_one(key, Shown(services().settings))


@action(SITE, needs=ADMIN)
def save_site(key: str) -> AnyResponse:
    """Saves what was changed of it."""
    _check_there(key)
    refused = save(lambda one: one.startswith(f"sites/{key}/"))
    if refused:
        shown, status = refused
        response = _show_one(key, shown)
        response.status_code = status
        return response
    return redirect(url_for("desk.show_site", key=key), 303)


@action(f"{SITE}/remove", needs=ADMIN)
def remove_site(key: str) -> AnyResponse:
    """Takes it away with all that was set for it; its conversations stay."""
    _check_there(key)
    follower = services().settings_follower
    if is_named(follower.base, f"sites/{key}"):
        raise Refused(Kind.CONFLICT, _("This site stands in config.yml; take it out there."))
    wanted: dict[str, object] = {one: None for one in follower.values if key in split(one)[1:-1]}
    wanted[f"sites/{key}"] = False if key in follower.base.sites else None
    change(current_user.agent, wanted, read_form(Seen).edition)
    flash(_("Removed: %(name)s.", name=key))
    return redirect(url_for("desk.show_sites"), 303)


@page(f"{SITE}/preview", needs=ADMIN)
def show_preview(key: str) -> Response:
    """A page with the site's widget as it would look, for the frame beside the form."""
    _check_there(key)
    look = read_address(Look)
    response = make_response(render_template("desk/settings/preview.html", key=key, look=look))
    response.headers["Content-Security-Policy"] = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _check_there(key: str) -> None:
    if key not in services().settings.sites:
        abort(404)


def _show_list(shown: Shown, sent: NewSite) -> str:
    sites = services().settings.sites
    return show_page("desk/settings/sites.html", "settings", section="sites", shown=shown, sites=sites, sent=sent)


def _show_one(key: str, shown: Shown) -> Response:
    _check_there(key)
    settings = services().settings
    page = show_page(
        "desk/settings/site.html",
        "settings",
        section="sites",
        key=key,
        site=settings.sites[key],
        shown=shown,
        languages=settings.languages,
        poor=find_poor_contrast(settings.sites[key].color),
        widget=f"{settings.url}/widget.js",
        is_in_file=shown.is_named(f"sites/{key}"),
        is_last=len(settings.sites) == 1,
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = f"{CSP}; frame-src 'self'"
    return response
