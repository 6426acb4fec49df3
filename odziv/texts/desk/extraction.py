"""Gathers the messages that the code says, and brings the catalogues up to date: `make desk-texts`.

Translations that stay are kept, new messages wait for one, and what nobody says any more goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from odziv.settings import LANGUAGES, REFERENCE
from odziv.texts.desk.catalogues import FOLDER, faults_of, load

ROOT = Path(__file__).parents[3]
SAYING = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "WrongValue": None,
    "Reason": None,
    "NotWritten": None,
}
# How a kind of file says its messages: where such files are, what Babel reads them with, and by which functions.
KINDS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("odziv", "*.py", "python", SAYING),
    ("kb", "*.py", "python", SAYING),
    ("odziv/desk/templates", "*.html", "jinja2.ext:babel_extract", SAYING),
    ("odziv/desk/static", "*.js", "javascript", {"text": None, "texts": (1, 2)}),
)
OPTIONS = {"trimmed": "true", "silent": "false", "template_string": "True", "encoding": "utf-8"}
# Other modules have functions of these names that say nothing.
IMPORTED = re.compile(
    r"from (odziv\.texts\.desk|odziv\.settings\.wrong|kb\.sources\.(faults|editing)) import|class Reason\b"
)
EPOCH = datetime(2026, 12, 1, tzinfo=UTC)  # a catalogue differs only where its messages do


def gather(root: Path = ROOT) -> Catalog:
    """Every message of the code, with the files that say it."""
    found = Catalog(project="Odziv", creation_date=EPOCH, fuzzy=False)
    for path, method, keywords in _files(root):
        place = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            for _line, message, comments, context in extract(method, file, keywords, ["Translators:"], OPTIONS):
                found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def bring_up_to_date(language: str, messages: Catalog, folder: Path = FOLDER) -> int:
    """Writes a language's catalogue anew, with the translations it has. Returns how much is left to translate."""
    path = folder / f"{language}.po"
    catalogue = load(path, language) if path.exists() else Catalog(locale=language)
    catalogue.update(messages, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    name = Locale.parse(language).get_display_name("en")
    catalogue.header_comment = f"# Odziv's desk in {name}."
    catalogue.project, catalogue.version, catalogue.fuzzy = "Odziv", "1", False
    catalogue.creation_date = catalogue.revision_date = EPOCH
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return sum(1 for _ in faults_of(load(path, language)))


def _files(root: Path) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    for folder, pattern, method, keywords in KINDS:
        for path in sorted((root / folder).rglob(pattern)):
            if "vendor" not in path.parts and (path.suffix != ".py" or IMPORTED.search(path.read_text("utf-8"))):
                yield path, method, keywords


def main() -> None:
    """Brings all of them up to date, and says how much each has left."""
    messages = gather()
    for language in LANGUAGES:
        if language != REFERENCE:
            print(f"{language}: {bring_up_to_date(language, messages)} of {len(messages)} to translate")


if __name__ == "__main__":
    main()
