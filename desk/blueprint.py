"""The blueprint every file of the desk adds its pages to."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, request

STATIC = Path(__file__).parent / "static"


def version_of(folder: Path) -> str:
    """Names what the files below `folder` hold: 12 hexadecimal digits, others as soon as any file differs."""
    digest = blake2b(digest_size=6)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(b"%s\0%s" % (path.relative_to(folder).as_posix().encode(), blake2b(path.read_bytes()).digest()))
    return digest.hexdigest()


blueprint = Blueprint(
    "desk",
    __name__,
    url_prefix="/desk",
    template_folder="templates",
    static_folder="static",
    static_url_path=f"/static/{version_of(STATIC)}",  # so that browsers may keep the files: others have other addresses
    cli_group=None,
)


def services() -> Any:
    """What the application was built with: `.store`, `.settings`, `.hub`, `.kb`."""
    return current_app.extensions["odziv"]


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page rather than the whole."""
    return request.headers.get("HX-Request") == "true"
