"""Takes in a file and gives it out again. What it is, its bytes say; its name and its header are only claims."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Response, request, send_file
from werkzeug.exceptions import RequestEntityTooLarge

from odziv.store import Store
from odziv.store.conversations.attachments import Attachment, TooManyAttachments, add_attachment
from odziv.store.files import FilesAway, NoRoom
from odziv.texts.desk import N_, _
from odziv.web.drawing.pictures import NoPicture, PictureTooLarge, redraw
from odziv.web.errors import AWAY_SECONDS, ApiError, no_conversation
from odziv.web.file_kinds import has_pdf_end, is_heif, is_pdf, is_picture

PDF = "application/pdf"
ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    PDF: (".pdf",),
}
LONGEST_FILE_NAME = 100
# Programs and the chat are told in English, agents in their own language.
ONLY_THESE = N_("Pictures (PNG, JPEG, GIF, WebP) and PDF can be sent, nothing else.")
NO_HEIF = N_("Save a HEIC or AVIF picture as JPEG first, or send a screenshot of it.")
EMPTY = N_("The file is empty.")
DAMAGED = N_("The file is damaged, or only a part of it has arrived.")
TOO_MANY_PIXELS = N_("The picture has more pixels than we can draw: send it smaller.")
# What multipart adds around the file.
ENVELOPE_BYTES = 16 * 1024
# No script runs in what this comes with, whatever the bytes turn out to be: a sandbox without origin, nothing loaded.
POLICY = "sandbox; default-src 'none'"


def take_in(store: Store, conversation_id: str, most_bytes: int, agent_id: int | None = None) -> Attachment:
    """Keeps the request's `file`. Raises ApiError that says what is wrong with it."""
    request.max_content_length = most_bytes + ENVELOPE_BYTES
    data, name = _read_upload(most_bytes)
    values = examine(data)
    name = clean_name(name, values["type"])
    try:
        return add_attachment(store, conversation_id, name=name, agent_id=agent_id, **values)
    except TooManyAttachments as error:
        raise ApiError(409, "too_many_attachments", _("This conversation can't hold more files.")) from error
    except KeyError as error:
        raise no_conversation() from error
    except NoRoom as error:
        raise ApiError(503, "busy", _("There is no room for files right now."), retry_after=600) from error
    except FilesAway as error:
        raise _away() from error


def _read_upload(most_bytes: int) -> tuple[bytes, str]:
    try:
        files = request.files.getlist("file")
    except RequestEntityTooLarge as error:
        raise _too_large(most_bytes) from error
    if len(files) != 1:
        raise ApiError(400, "bad_request", "Send one file, as multipart/form-data, in the field `file`.")
    data = files[0].stream.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise _too_large(most_bytes)
    return data, files[0].filename or ""


def _too_large(most_bytes: int) -> ApiError:
    most = f"{most_bytes / 1_048_576:.3g}"
    return ApiError(413, "attachment_too_large", _("A file can have %(most)s MB at most.", most=most))


def examine(data: bytes) -> dict[str, Any]:
    """Type, bytes to keep and size of what was sent, by its content alone. Raises ApiError."""
    if is_picture(data):
        return _draw(data)
    if not is_pdf(data):
        raise _refuse_type(data)
    if not has_pdf_end(data):
        raise ApiError(422, "attachment_damaged", _(DAMAGED))
    return {"data": data, "type": PDF}


def _draw(data: bytes) -> dict[str, Any]:
    try:
        picture = redraw(data)
    except PictureTooLarge as error:
        raise ApiError(422, "picture_too_large", _(TOO_MANY_PIXELS)) from error
    except NoPicture as error:
        raise ApiError(422, "attachment_damaged", _(DAMAGED)) from error
    return {"data": picture.data, "type": picture.type, "width": picture.width, "height": picture.height}


def _refuse_type(data: bytes) -> ApiError:
    message = _(ONLY_THESE if data else EMPTY)
    if is_heif(data):
        message += f" {_(NO_HEIF)}"
    return ApiError(422, "attachment_type", message)


def clean_name(name: str, type: str) -> str:
    """A name to show and to save under: no path, nothing invisible, and the ending its content has."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Controls, and marks that turn the direction of writing ("exe.gpj"), and half characters.
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = re.sub(r'[<>:"|?*\s]+', " ", name).strip(" .")
    path = PurePosixPath(name or "file")
    is_right = path.suffix.lower() in ENDINGS[type]
    stem, ending = (path.stem, path.suffix) if is_right else (path.name, ENDINGS[type][0])
    return stem[: LONGEST_FILE_NAME - len(ending)].rstrip(" .") + ending


def give_out(store: Store, attachment: Attachment) -> Response:
    """The file, in a way that can't become a page of ours. Pictures are shown; a PDF is saved, never opened here.

    Raises ApiError: 404 where it was deleted this very moment, 503 where it can't be read now.
    """
    try:
        with store.files.at_hand(attachment.id) as path:
            if not path.is_file():
                raise ApiError(404, "not_found", _("There is no such attachment."))
            response = _send(path, attachment)
    except FilesAway as error:
        raise _away() from error
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The widget on another origin reads it by CORS, with its token; as a mere <img> of somebody's page it is refused.
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _send(path: Path, attachment: Attachment) -> Response:
    """It is open from here on, and may lose its name."""
    return send_file(
        path,
        mimetype=attachment.type,
        as_attachment=not attachment.type.startswith("image/"),
        download_name=attachment.name,
        etag=attachment.sha256,
        max_age=0,
    )


def _away() -> ApiError:
    told = _("Files can't be sent or fetched right now; messages without them can. Please try again in a moment.")
    return ApiError(503, "busy", told, retry_after=AWAY_SECONDS)
