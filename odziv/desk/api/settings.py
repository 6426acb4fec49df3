"""Settings for programs: what can be set at the desk, as it holds, and setting it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.refused import Refused
from odziv.cases.settings.changing import Unfit, change_settings
from odziv.cases.topics import list_topics
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import SettingsBody
from odziv.desk.frame.roles import ADMIN
from odziv.desk.settings.kinds import write_value
from odziv.settings import Settings
from odziv.settings.layers import is_named, value_of
from odziv.settings.offered import SECTIONS, is_site
from odziv.web.bodies import read_body
from odziv.web.services import services


@call("GET", "/settings", needs=ADMIN)
def get_settings() -> Response:
    """Each that can be set, with its value and where that comes from."""
    follower, settings = services().settings_follower, services().settings
    told = [
        {
            "key": key,
            "value": True if is_site(key) else write_value(value_of(settings, key)),
            "in_config": is_named(follower.base, key),
            "set_here": key in follower.values,
        }
        for key in list_keys(settings)
    ]
    left_out = [{"key": each.key, "problem": each.why.english} for each in follower.left_out]
    return jsonify(edition=follower.edition, settings=told, without_effect=left_out)


@call("PATCH", "/settings", needs=ADMIN)
def patch_settings() -> Response:
    """Sets these, all or none, in force at once."""
    body, follower = read_body(SettingsBody), services().settings_follower
    try:
        change_settings(services().store, follower.base, current_user.agent, body.settings, seen=body.edition)
    except Unfit as unfit:
        raise Refused(unfit.kind, unfit.for_programs) from unfit
    follower.look()
    return get_settings()


def list_keys(settings: Settings) -> Iterator[str]:
    """The keys of all that can be set, for the sites, mailboxes, languages and categories there are."""
    named: dict[str, Iterable[str]] = {
        "sites": settings.sites,
        "retention/sites": settings.sites,
        "categories": list_topics(settings),
        "mail/mailboxes": settings.mail.mailboxes,
    }
    for patterns in SECTIONS.values():
        for pattern in patterns:
            above, star, below = pattern.partition("/*")
            for name in named.get(above, settings.languages) if star else [""]:
                key = f"{above}/{name}{below}" if star else pattern
                ends = settings.languages if below.endswith("/*") else [""]
                yield from (key.removesuffix("*") + end for end in ends)
