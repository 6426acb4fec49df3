"""In which language the desk speaks to whoever is reading: the agent's own choice, else what their browser asks for."""

from __future__ import annotations

import json
from functools import cache

from flask import Flask, Response, abort, request, url_for
from flask_login import current_user

from kb.sources.articles import content_hash
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.roles import ANYONE, page
from odziv.settings import REFERENCE
from odziv.texts.desk import catalogues, number, offered_languages, speak, spoken
from odziv.texts.desk.catalogues import texts_of_scripts

NEVER_SAID = frozenset({"desk.static", "desk.show_texts"})  # what asks for no agent


def register(app: Flask) -> None:
    """Has each page of the desk say its messages in its reader's language, in Python and in templates.

    Before all else that looks at a request: a refusal is a sentence too.
    """
    app.before_request_funcs.setdefault(None, []).insert(0, choose_language)
    app.teardown_request(forget_language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's own
        _look_up, _look_up_plural, newstyle=True, pgettext=_look_up_in_context
    )


def choose_language() -> None:
    """Speaks the reader's language for this request."""
    if request.blueprint != blueprint.name or request.endpoint in NEVER_SAID:
        return
    speak(asked_by_browser())
    if current_user.is_authenticated and current_user.agent.language in offered_languages():
        speak(current_user.agent.language)


def forget_language(_error: BaseException | None) -> None:
    """The thread's next request is another's."""
    speak(REFERENCE)


def asked_by_browser() -> str:
    """Which of the languages that are offered the browser wants most; English where it wants none."""
    return request.accept_languages.best_match(offered_languages()) or REFERENCE


@blueprint.app_template_global("texts_url")
def texts_url() -> str | None:
    """Where the scripts' texts are, for a page in another language than theirs."""
    return None if spoken() == REFERENCE else url_for("desk.show_texts", language=spoken(), version=_version(spoken()))


@blueprint.app_template_global("spoken")
def show_spoken() -> str:
    """The page's language."""
    return spoken()


@blueprint.app_template_filter("number")
def show_number(value: float) -> str:
    """A number as the page's language writes it."""
    return number(value)


@page("/texts/<language>-<version>.js", needs=ANYONE)
def show_texts(language: str, version: str) -> Response:
    """What the desk's scripts say in a language, as a script of its own; 404 for another version than this one."""
    if language not in offered_languages() or version != _version(language):
        abort(404)
    return Response(_script(language), mimetype="text/javascript")


@cache
def _script(language: str) -> str:
    texts = json.dumps(texts_of_scripts(language), ensure_ascii=False, sort_keys=True)
    return f"globalThis.deskTexts = {texts};\n"


@cache
def _version(language: str) -> str:
    return content_hash(_script(language).encode())[:12]


# For templates: of what they say, Jinja puts the values in, and escapes them.
def _look_up(message: str) -> str:
    return catalogues.read(spoken()).gettext(message)


def _look_up_plural(singular: str, plural: str, count: int) -> str:
    return catalogues.read(spoken()).ngettext(singular, plural, count)


def _look_up_in_context(context: str, message: str) -> str:
    return catalogues.read(spoken()).pgettext(context, message)
