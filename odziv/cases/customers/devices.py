"""A browser's User-Agent, told so that a person recognises it and nobody is tracked by it."""

from __future__ import annotations

from odziv.texts.desk import N_, _

# The first that fits: most browsers also claim to be another one.
UNKNOWN = N_("Unknown browser")
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def name_device(user_agent: str) -> str:
    """ "Firefox on Linux", made of names we know: a header can hold anything."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), UNKNOWN)
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser


def label_device(named: str | None) -> str:
    """What `name_device` had kept, in the language spoken."""
    browser, on, system = (named or UNKNOWN).partition(" on ")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if on else _(browser)
