"""The texts the system itself says to a customer, in the customer's language; in mails, some of them otherwise."""

from __future__ import annotations

from typing import Any

from odziv.texts.catalogue import CATALOGUE

BY_MAIL = "by_mail"  # the subject of what is said otherwise in a mail


def notice(key: str, language: str, *, by_mail: bool = False, **values: Any) -> str:
    """One text; with `by_mail`, as it is said to somebody who wrote a mail. KeyError for an unknown key."""
    subject = BY_MAIL if by_mail and key in CATALOGUE.of(BY_MAIL, language) else "notices"
    return CATALOGUE.say(subject, key, language, **values)


def say_by_mail(text: str, language: str) -> str:
    """What the bot said in a mail's words: small talk about the chat has others there."""
    written = CATALOGUE.of(BY_MAIL, language)
    for name, variations in CATALOGUE.of("small_talk", language).items():
        if name in written and text in variations:
            return str(written[name][variations.index(text)])
    return text
