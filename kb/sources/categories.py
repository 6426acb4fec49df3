"""What categories are called in each language, and in which order they come: `categories.yml` beside the articles."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

FILE = "categories.yml"
log = logging.getLogger(__name__)


def read_categories(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the names by category and language, in the file's order; empty, with a warning, when it can't be read."""
    try:
        names = yaml.safe_load((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        log.warning("%s cannot be read: %s", FILE, str(error)[:200])
        return {}
    if not isinstance(names, dict):
        log.warning("%s must be lines of category: {language: name}", FILE)
        return {}
    return MappingProxyType({str(key): _names(value) for key, value in names.items()})


def _names(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(language): str(name)[:80] for language, name in value.items()}


def name_of(names: Mapping[str, Mapping[str, str]], category: str, language: str) -> str:
    """Return what a category is called in `language`; from its folder where the file does not say."""
    return names.get(category, {}).get(language) or category.replace("-", " ").capitalize()
