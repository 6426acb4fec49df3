"""What readers say about an article: from the help pages' form, with or without a script, and from the widget.

There is no cookie, so no other page can speak in a reader's name. A reader is counted once a day for an article, told
by a hash of network and browser, salted with something that is forgotten when the day is over; nothing is kept in the
browser, and nobody can work back from the hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from flask import Response, abort, redirect, request
from pydantic import BaseModel, Field, StrictBool, field_validator
from werkzeug.wrappers import Response as AnyResponse

from odziv.help.blueprint import blueprint, site_key, texts
from odziv.help.catalogue import path_of
from odziv.help.pages import find_article
from odziv.store.engine import DAY_MS
from odziv.store.knowledge.feedback import REASONS, Verdict, add_feedback
from odziv.store.lengths import LONGEST_SITE, LONGEST_VERDICT
from odziv.web.bodies import clean_text
from odziv.web.errors import ApiError
from odziv.web.networks import callers_network
from odziv.web.origins import is_own_host
from odziv.web.services import services

PER_MINUTE = 20


class NewFeedback(BaseModel):
    """A reader's word on an article; `site` is the widget's."""

    helpful: StrictBool
    reason: str | None = Field(default=None, pattern=f"^({'|'.join(REASONS)})$")
    words: str | None = Field(default=None, max_length=LONGEST_VERDICT)
    site: str | None = Field(default=None, max_length=LONGEST_SITE)

    @field_validator("words")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return (clean_text(value) or None) if value is not None else None


class DailySalt:
    """Something random that is forgotten after a day; in memory only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day, self._salt = -1, b""

    def of_day(self, now: int) -> bytes:
        """Returns the salt of the day of `now`, in milliseconds since 1970."""
        day = now // DAY_MS
        with self._lock:
            if day != self._day:
                self._day, self._salt = day, secrets.token_bytes(32)
            return self._salt


_salt = DailySalt()


@blueprint.post("/help/<language>/<category>/<slug>")
def say(language: str, category: str, slug: str) -> AnyResponse:
    """The form of an article's page, where no script sends it; back to the article afterwards."""
    found = find_article(language, f"{category}/{slug}")
    check_own_page()
    try:
        count_feedback()
    except ApiError as refused:
        headers = {"Retry-After": str(refused.retry_after)}
        return Response(texts(language)["too_often"], 429, headers, mimetype="text/plain")
    helpful, reason = request.form.get("helpful"), request.form.get("reason") or None
    words = clean_text(request.form.get("words", ""))[:LONGEST_VERDICT]
    if helpful not in ("yes", "no") or reason not in (None, *REASONS):
        abort(400)
    body = NewFeedback(helpful=helpful == "yes", reason=reason, words=words or None)
    keep_feedback(found.id, found.language, body)
    said = "sent" if reason or words else helpful
    return redirect(f"{path_of(language, found.id)}?said={said}#feedback", 303)


def check_own_page() -> None:
    """403 for a form that another website sent here."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if (origin and not is_own_host(origin)) or site not in ("same-origin", "none"):
        abort(403)


def count_feedback() -> None:
    """Raises ApiError 429 when one address says too much in a minute."""
    services().rate_limits.check("feedback", callers_network(), PER_MINUTE)


def keep_feedback(identity: str, language: str, body: NewFeedback) -> None:
    """Stores what was said about the article as it stands in `language`."""
    site = body.site if body.site in services().settings.sites else site_key()
    verdict = Verdict(
        identity, language, site, body.helpful, visitor_of(identity), None if body.helpful else body.reason, body.words
    )
    add_feedback(services().store, verdict)


def visitor_of(identity: str) -> str:
    """The same for the same network and browser on the same day and article; nothing else can be told from it."""
    told = "\n".join((callers_network(), request.headers.get("User-Agent", ""), identity))
    return hmac.new(_salt.of_day(services().store.clock()), told.encode(errors="replace"), hashlib.sha256).hexdigest()
