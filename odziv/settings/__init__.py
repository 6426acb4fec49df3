"""Every setting: read from `config.yml` and the environment, checked at the start. Imports nothing else of ours."""

from odziv.settings.languages import LANGUAGES, LOCALES, REFERENCE, Language
from odziv.settings.load import (
    ENVIRONMENT,
    LARGEST_SHARE,
    LEAST_SHARE,
    ROOT,
    BadSetting,
    Desk,
    Limits,
    MinutesByPriority,
    Settings,
    Site,
    Targets,
    load_settings,
)

__all__ = [
    "ENVIRONMENT",
    "LANGUAGES",
    "LARGEST_SHARE",
    "LEAST_SHARE",
    "LOCALES",
    "REFERENCE",
    "ROOT",
    "BadSetting",
    "Desk",
    "Language",
    "Limits",
    "Targets",
    "Settings",
    "Site",
    "MinutesByPriority",
    "load_settings",
]
