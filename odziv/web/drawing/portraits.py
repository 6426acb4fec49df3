"""Where agents' pictures are, for customers' browsers and for the desk."""

from __future__ import annotations

from flask import Response

from odziv.store import Store
from odziv.store.agents.portraits import find_portrait
from odziv.web.errors import ApiError

FOLDER = "/api/v1/portraits/"
POLICY = "default-src 'none'; sandbox"


def portrait_path(digest: str | None) -> str | None:
    """Its address below this server; None for none."""
    return f"{FOLDER}{digest}.jpg" if digest else None


def give_out_portrait(store: Store, digest: str) -> Response:
    """The picture, to be kept for a day: it is the same for ever, and gone when its agent takes it away.

    Raises ApiError 404.
    """
    jpeg = find_portrait(store, digest)
    if jpeg is None:
        raise ApiError(404, "not_found", "There is no such picture.")
    response = Response(jpeg, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
