"""The page "First steps": from the demo to a site of one's own, with what is still missing. For administrators."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.refused import Kind, Refused
from odziv.cases.settings.first_steps import FirstSteps, look_at_first_steps
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.page import show_page
from odziv.desk.frame.rights import i_may
from odziv.desk.frame.roles import ADMIN, action, page
from odziv.desk.settings.page_check import look_for_tag
from odziv.store.settings import first_steps
from odziv.texts.desk import _
from odziv.web.forms import Form, Trimmed, read_form
from odziv.web.services import services
from odziv.web.webhook_addresses import NotAllowed


class PageToCheck(Form):
    """Which page, and for which site."""

    url: Trimmed = ""
    site: Trimmed = ""


def look() -> FirstSteps:
    """How far this installation is."""
    here = services()
    return look_at_first_steps(here.store, here.settings, here.kb.articles())


@blueprint.app_template_global("first_steps_left")
def count_left() -> int:
    """For the rail: how many are missing, for those who may take them; 0 where they were put away."""
    if not i_may(ADMIN):
        return 0
    steps = look()
    return steps.left if steps.is_shown else 0


@page("/first-steps", needs=ADMIN)
def show_first_steps() -> str:
    """Each step, done or not, with where it is taken."""
    steps, settings = look(), services().settings
    return show_page(
        "desk/settings/first_steps.html",
        "first_steps",
        steps=steps,
        widget=f"{settings.url}/widget.js",
        has_server=bool(settings.mail.smtp.host),
    )


@action("/first-steps/tag", needs=ADMIN)
def check_tag() -> AnyResponse:
    """Fetches the page now, and keeps what was found."""
    sent, settings = read_form(PageToCheck), services().settings
    if sent.site not in settings.sites:
        raise Refused(Kind.INVALID, _("There is no such website."))
    url = sent.url if "://" in sent.url else f"https://{sent.url}"
    own = urlsplit(settings.url).netloc
    try:
        found = look_for_tag(url, sent.site, [settings.url], (*settings.desk.webhook_hosts, own))
    except NotAllowed as refusal:
        raise Refused(Kind.UNFIT, str(refusal)) from refusal
    first_steps.note_tag(services().store, current_user.id, {**found, "site": sent.site})
    return redirect(url_for("desk.show_first_steps", _anchor="tag"), 303)


@action("/first-steps/put-away", needs=ADMIN)
def put_first_steps_away() -> AnyResponse:
    """The rail speaks of them no more; the page stays, under Settings."""
    first_steps.put_away(services().store, current_user.id)
    flash(_("Put away. You find the first steps under Settings."))
    return redirect(url_for("desk.show_first_steps"), 303)


@action("/first-steps/show", needs=ADMIN)
def show_first_steps_again() -> AnyResponse:
    """The rail speaks of them again."""
    first_steps.show_again(services().store, current_user.id)
    return redirect(url_for("desk.show_first_steps"), 303)
