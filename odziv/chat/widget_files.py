"""The widget's script and its modules, as browsers fetch them: in few pieces, small, and of one version together."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, abort, make_response, request
from rjsmin import jsmin
from zopfli.gzip import compress  # what any browser takes for gzip, some hundred bytes smaller

from odziv.texts import CATALOGUE

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";$', re.MULTILINE)
IMPORT_LINE = re.compile(r"^import .*$", re.MULTILINE)
IMPORT_FROM = re.compile(r'^(import \{[^}]*\} from )"\./\w+\.js"', re.MULTILINE)
NO_SITES = b"SITES={};"
TEXTS = re.compile(r"\bTEXTS\.(\w+)")
SHEET = re.compile(r"((?:STYLE|RULES|DARK)=)(`[^`]*`)")
UNVERSIONED = b'"widget/0/"'  # the loader's own name of the folder


@dataclass(frozen=True)
class Script:
    """One file, as it is and compressed."""

    plain: bytes
    packed: bytes
    tag: str


def serve_loader(looks: str = "{}") -> Response:
    """`/widget.js`, which websites include; any site may load it, only listed ones may talk to us.

    `looks` is how the sites want their bubble, as JSON: so that it is right at once, without another request.
    """
    return _respond(loader(looks), "public, max-age=300")


def serve_module(version: str, name: str) -> Response:
    """`/widget/<version>/<name>`. An old loader's version gets today's file, but may not keep it."""
    found = scripts().get(f"widget/{name}")
    if found is None:
        abort(404)
    is_current = version.split("-")[0] == modules_version()
    return _respond(found, "public, max-age=31536000, immutable" if is_current else "public, max-age=60")


@cache
def scripts() -> dict[str, Script]:
    """Every file by its path below static/; read once a process."""
    modules = {path.stem: read_script(path) for path in sorted((STATIC / "widget").glob("*.js"))}
    texts = {f"widget/texts/{code}.js": text for code, text in write_texts().items()}
    files = {name: shrink(text).encode() for name, text in {**bundle(modules), **texts}.items()}
    loader = shrink(read_script(STATIC / "widget.js")).encode()
    files["widget.js"] = loader.replace(UNVERSIONED, f'"widget/{_digest(files)}/"'.encode())
    return {name: _script(text) for name, text in files.items()}


def read_script(path: Path) -> str:
    """A script with its texts in it: where it says TEXTS.search, those words stand in each language."""
    texts = CATALOGUE.by_language("widget")

    def write(found: re.Match[str]) -> str:
        return _literal({language: words[found[1]] for language, words in texts.items()})

    return TEXTS.sub(write, path.read_text(encoding="utf-8"))


def write_texts() -> dict[str, str]:
    """What the chat says from its opening on: a module for each language, of which a browser fetches one."""
    return {
        code: f"export default {_literal(words['main'])};" for code, words in CATALOGUE.by_language("widget").items()
    }


def _literal(texts: Mapping[str, Any] | str) -> str:
    """Texts as JavaScript; their keys are names, and need no quotation marks."""
    if isinstance(texts, str):
        return json.dumps(texts, ensure_ascii=False)
    return "{" + ",".join(f"{key}:{_literal(text)}" for key, text in texts.items()) + "}"


def shrink(text: str) -> str:
    """Without comments and needless space, in the style sheets too; a sheet is a template whose name says so."""
    return SHEET.sub(lambda found: found[1] + re.sub(r"\n\s*", "", found[2]), jsmin(text))


def bundle(modules: dict[str, str]) -> dict[str, str]:
    """`main.js` with all it imports, as one file; what is imported later, by import(), stays a file of its own.

    The modules share one scope then, so no two may declare the same name. A late one gets theirs from `main.js`.
    """
    order: list[str] = []

    def visit(name: str) -> None:
        for needed in IMPORT.findall(modules[name]):
            if needed not in order:
                visit(needed)
        order.append(name)

    visit("main")
    late = {name: IMPORT_FROM.sub(r'\1"./main.js"', modules[name]) for name in modules.keys() - set(order)}
    files = {"main": "\n".join(IMPORT_LINE.sub("", modules[name]) for name in order), **late}
    return {f"widget/{name}.js": text for name, text in files.items()}


@cache
def loader(looks: str) -> Script:
    """The loader with the sites' looks in it."""
    text = scripts()["widget.js"].plain.replace(NO_SITES, b"SITES=" + looks.encode() + b";")
    return _script(text)


def _script(text: bytes) -> Script:
    return Script(text, compress(text), _digest({"": text}))


@cache
def modules_version() -> str:
    """Changes when any module does."""
    return _digest({name: script.plain for name, script in scripts().items() if name != "widget.js"})


def _digest(files: dict[str, bytes]) -> str:
    return hashlib.sha256(b"\0".join(files[name] for name in sorted(files))).hexdigest()[:20]


def _respond(script: Script, caching: str) -> Response:
    wants_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(script.packed if wants_gzip else script.plain)
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = caching
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # modules are always fetched with CORS
    response.headers["Vary"] = "Accept-Encoding"
    if wants_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{script.tag}{'-gzip' if wants_gzip else ''}")
    return response.make_conditional(request)
