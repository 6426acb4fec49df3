"""What agents read, in their own languages: English sentences in the code, and a gettext catalogue for each other."""

from odziv.texts.desk.catalogues import offered_languages
from odziv.texts.desk.rewording import reword
from odziv.texts.desk.speaking import N_, _, ngettext, number, pgettext, said, speak, speaking, spoken

__all__ = [
    "N_",
    "_",
    "ngettext",
    "number",
    "offered_languages",
    "pgettext",
    "reword",
    "said",
    "speak",
    "speaking",
    "spoken",
]
