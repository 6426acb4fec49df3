"""Every setting: read from `config.yml` and the environment, checked at the start. Imports nothing else of ours."""

from odziv.settings.load import (
    ENVIRONMENT,
    LANGUAGES,
    LARGEST_SHARE,
    LEAST_SHARE,
    ROOT,
    BadSetting,
    Desk,
    Limits,
    Promises,
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
    "ROOT",
    "BadSetting",
    "Desk",
    "Limits",
    "Promises",
    "Settings",
    "Site",
    "Targets",
    "load_settings",
]
