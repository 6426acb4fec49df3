"""A browser is to be told of news while no page of the desk is open in it: turned on, confirmed, tried, turned off."""

from __future__ import annotations

from typing import Annotated

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_login import current_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from odziv.cases.customers.devices import name_device
from odziv.cases.push.keys import NotAKey, public_key, read_point, read_secret
from odziv.cases.refused import Kind, Refused
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.roles import AGENT, action
from odziv.store.agents.agent import hash_token
from odziv.store.lengths import LONGEST_PUSH_KEY, LONGEST_PUSH_SECRET, LONGEST_URL
from odziv.store.push.pushes import send_to
from odziv.store.push.subscriptions import (
    Browser,
    Subscription,
    find_subscription,
    list_subscriptions,
    subscribe,
    unsubscribe,
)
from odziv.texts.desk import N_, _, spoken
from odziv.web.forms import Form, Ticked, Wrong, read_form
from odziv.web.services import services
from odziv.web.webhook_addresses import NotAllowed, read_url

PER_MINUTE = 30
UNFIT = N_("Your browser’s notifications can’t be used here. Please try another browser, or ask your administrator.")


class BrowserForm(Form):
    """What a browser's push service gave it. `wanted`: the agent has turned it on; else it is only looked up."""

    endpoint: Annotated[str, Field(min_length=1, max_length=LONGEST_URL), Wrong(Kind.UNFIT, UNFIT)]
    p256dh: Annotated[str, Field(max_length=LONGEST_PUSH_KEY), Wrong(Kind.UNFIT, UNFIT)] = ""
    auth: Annotated[str, Field(max_length=LONGEST_PUSH_SECRET), Wrong(Kind.UNFIT, UNFIT)] = ""
    wanted: Ticked = False


@action("/push", needs=AGENT)
def confirm_push() -> Response:
    """Turns it on for this browser, or confirms that it is on. What is another agent's browser, or unknown, is off."""
    services().rate_limits.check("push", str(current_user.id), PER_MINUTE)
    form = read_form(BrowserForm)
    if not services().settings.desk.push:
        return jsonify(on=False)
    if not form.wanted and find_subscription(services().store, current_user.id, form.endpoint) is None:
        return jsonify(on=False)
    number = subscribe(
        services().store,
        current_user.id,
        _read_browser(form),
        session_id=hash_token(current_user.token),
        device=name_device(request.headers.get("User-Agent", "")),
        language=spoken(),
    )
    return jsonify(on=True, id=number)


@action("/push/off", needs=AGENT)
def stop_push_here() -> tuple[str, int]:
    """Turns it off for this browser."""
    number = find_subscription(services().store, current_user.id, read_form(BrowserForm).endpoint)
    if number is not None:
        unsubscribe(services().store, current_user.id, number)
    return "", 204


@action("/push/try", needs=AGENT)
def try_push() -> tuple[str, int]:
    """Has this browser shown how it looks; 404 where it isn't on."""
    services().rate_limits.check("push", str(current_user.id), PER_MINUTE)
    number = find_subscription(services().store, current_user.id, read_form(BrowserForm).endpoint)
    if number is None:
        abort(404)
    send_to(services().store, number, "try", {})
    return "", 204


@action("/push/<int:subscription_id>/remove", needs=AGENT)
def stop_push(subscription_id: int) -> AnyResponse:
    """Turns it off for one of the agent's browsers; 404 for one that isn't theirs."""
    if not unsubscribe(services().store, current_user.id, subscription_id):
        abort(404)
    flash(_("No notifications go there any more."))
    return redirect(url_for("desk.show_account", _anchor="alerts-panel"), 303)


@blueprint.app_template_global("push_key")
def push_key() -> str:
    """What browsers subscribe with; empty where notifications with a closed desk are off."""
    settings = services().settings
    return public_key(settings.secret("push")) if settings.desk.push else ""


@blueprint.app_template_global("push_session")
def push_session() -> str:
    """By which a script knows that the session is another one; it opens nothing."""
    return hash_token(hash_token(current_user.token))[:12]


@blueprint.app_template_global("push_browsers")
def push_browsers() -> list[Subscription]:
    """Where the signed-in agent is told of news."""
    return list_subscriptions(services().store, current_user.id) if services().settings.desk.push else []


def _read_browser(form: BrowserForm) -> Browser:
    try:
        read_url(form.endpoint, services().settings.desk.webhook_hosts)
        read_point(form.p256dh)
        read_secret(form.auth)
    except (NotAllowed, NotAKey):
        raise Refused(Kind.UNFIT, _(UNFIT)) from None
    return Browser(form.endpoint, form.p256dh, form.auth)
