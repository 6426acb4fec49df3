"""The library: what customers ask companies everywhere, topic by topic, with how they put it in each language.

It lies in kb/library: `topics.yml` names the topics by part, with those that are near, and `<language>/*.yml` say what
each is called, what it is about, and how people ask. Everything is checked when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from kb.sources.head import Identity

LIBRARY = Path(__file__).parents[1] / "library"
NAMES = "topics.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class BadLibrary(Exception):
    """A file of the library that can't be used; the text names it and says what to mend."""


class Wording(BaseModel):
    """A topic in one language: what it is called, what it is about, and how customers ask for it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Sentence
    about: Sentence
    asked: Annotated[list[Sentence], Field(min_length=1, max_length=1000)]


@dataclass(frozen=True)
class Topic:
    """Something that customers ask about; `near` are the topics it is easily taken for, `words` are by language."""

    id: str
    part: str
    near: tuple[str, ...]
    words: dict[str, Wording]


def read_library(folder: Path = LIBRARY) -> dict[str, Topic]:
    """Return the topics by identity, in the order of topics.yml. Raises BadLibrary."""
    parts = _read_names(folder)
    topics = {
        identity: Topic(identity, part, tuple(near), {})
        for part, named in parts.items()
        for identity, near in named.items()
    }
    for topic in topics.values():
        for other in topic.near:
            if other not in topics:
                raise BadLibrary(f"{NAMES}: {topic.id} names {other}, which is no topic")
    for language, name, identity, wording in _read_wordings(folder):
        if identity not in topics:
            raise BadLibrary(f"{language}/{name}: {identity} is not in {NAMES}")
        if language in topics[identity].words:
            raise BadLibrary(f"{language}/{name}: {identity} stands in another file too")
        topics[identity].words[language] = wording
    return topics


def read_parts(folder: Path = LIBRARY) -> dict[str, str]:
    """Return the part of each topic, in the order of topics.yml. Raises BadLibrary."""
    return {identity: part for part, named in _read_names(folder).items() for identity in named}


def _read_names(folder: Path) -> dict[str, dict[str, list[str]]]:
    return _read(folder / NAMES, TypeAdapter(dict[str, dict[Identity, list[Identity]]]))


def _read_wordings(folder: Path) -> Iterator[tuple[str, str, str, Wording]]:
    """Yield language, file name, identity and wording of everything in the languages' folders."""
    adapter = TypeAdapter(dict[Identity, Wording])
    for path in sorted(folder.glob("*/*.yml")):
        for identity, wording in _read(path, adapter).items():
            yield path.parent.name, path.name, identity, wording


def _read(path: Path, adapter: TypeAdapter):
    name = f"{path.parent.name}/{path.name}"
    try:
        return adapter.validate_python(yaml.load(path.read_text("utf-8"), LOADER))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = " → ".join(str(part) for part in first["loc"])
        raise BadLibrary(f"{name}: {place}: {first['msg']}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise BadLibrary(f"{name}: {error}") from error
