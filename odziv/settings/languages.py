"""The languages there are: the one list of them. Each has a folder of texts (odziv/texts/), and Rasa's examples.

Which of them an installation serves is the operator's setting `languages`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

# A language's code, and the locale by which its dates, lists and plurals are written.
LOCALES = {"sl": "sl_SI", "hr": "hr_HR", "pl": "pl_PL", "en": "en_GB"}
LANGUAGES: tuple[str, ...] = tuple(LOCALES)
REFERENCE = "en"  # what a text in another language has to match, and what is said in a language without texts

if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[LANGUAGES]  # so that pydantic names the languages when a setting or a call has another one
