"""The blueprint every file of the desk adds its pages to."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, request

from kb.sources.articles import content_hash

STATIC = Path(__file__).parent / "static"


def version_of(folder: Path) -> str:
    """Names what the files below `folder` hold: 12 hexadecimal digits, others as soon as any file differs."""
    files = sorted(
        (path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    )
    return content_hash(repr(files).encode())[:12]


blueprint = Blueprint(
    "desk",
    __name__,
    url_prefix="/desk",
    template_folder="templates",
    static_folder="static",
    static_url_path=f"/static/{version_of(STATIC)}",  # so that browsers may keep the files: others have other addresses
    cli_group=None,
)


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page rather than the whole."""
    return request.headers.get("HX-Request") == "true"
