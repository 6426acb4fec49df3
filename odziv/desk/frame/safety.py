"""What holds for every request to the desk: body size, CSRF, and the headers that keep scripts out."""

from __future__ import annotations

from flask import Response, request
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from odziv.desk.blueprint import blueprint
from odziv.web.attachments import ENVELOPE_BYTES
from odziv.web.services import services

csrf = CSRFProtect()

# A reply of 10,000 characters, each four bytes and percent-encoded, and the fields around it.
REPLY_BYTES = 131_072
TAKES_FILES = ("desk.upload_attachment", "desk.change_portrait")
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@blueprint.before_request
def check_request() -> None:
    """Limits the body, then refuses what changes something without this session's CSRF token (400)."""
    if current_user.is_authenticated:
        request.max_content_length = _most_bytes()
    csrf.protect()


def _most_bytes() -> int:
    limits = services().settings.limits
    if request.endpoint in TAKES_FILES:  # the form is read here already, for its token
        return limits.attachment_bytes + ENVELOPE_BYTES
    return max(REPLY_BYTES, limits.body_bytes)


@blueprint.after_request
def add_headers(response: Response) -> Response:
    """No scripts or styles but our own files, which browsers keep; no framing, nothing of a customer's in a cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a file has a stricter policy than a page
    is_file = request.endpoint in {"desk.static", "desk.show_texts"} and response.status_code in {200, 206, 304}
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_file else "no-store"
    return response
