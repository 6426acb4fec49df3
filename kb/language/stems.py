"""Words without their endings: what a customer writes in one case is what an article has in another."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.language.text import fold

SHORTEST = 3  # letters of a stem
MOST_LETTERS = 40  # letters of a word that are looked at
# What stands at the end of a folded word and changes with case and number, in English and in the Slavic languages.
ENDINGS = frozenset(
    re.findall(
        r"\w+",
        """a e i o u y s es ed ing am em im om ym ah eh ih ach ech ich ych ami emi imi ymi ama ima ega ego eg og oga emu
        omu ov ev ow ova eva ove owi owie ia ie io iu ij ija ije iji ijo iju ijom ijah ijama ii iom iami iach ja je jo
        ju ji jom joj jem jah oj ej mi iranje iranja iranju irati iram irate""",
    )
)
# Consonants that change before an ending: "Polska" and "w Polsce", "Rijeka" and "u Rijeci".
HARDER = {"cz": "c", "sz": "ch", "rz": "r", "dz": "g", "ci": "t", "c": "k", "z": "g", "s": "h"}
VOWELS = frozenset("aeiouy")


def stems(word: str) -> frozenset[str]:
    """Return what may be left of a word without its ending, folded: "Nemčijo" → "nemcijo", "nemcij", "nemc"."""
    return _stems(word[:MOST_LETTERS])


@lru_cache(maxsize=50_000)
def _stems(word: str) -> frozenset[str]:
    whole = fold(word)
    found = {whole} | {whole[: -len(end)] for end in ENDINGS if whole.endswith(end) and not whole.isdigit()}
    found = {stem for stem in found if len(stem) >= SHORTEST or stem == whole}
    return frozenset(found | {fleeting for stem in found if (fleeting := _without_fleeting(stem))})


def hardened(word: str) -> frozenset[str]:
    """Return the stems of a word whose last consonant an ending has softened; nothing where none has."""
    return frozenset(
        stem[: -len(soft)] + hard
        for stem in stems(word)
        for soft, hard in HARDER.items()
        if len(stem) > SHORTEST and stem.endswith(soft) and stem != fold(word)
    )


def _without_fleeting(stem: str) -> str:
    """Return the stem without the vowel that goes when an ending comes ("petek", "petka"); empty if it has none."""
    for vowel in ("ie", "e", "a"):
        rest = stem[: -1 - len(vowel)]
        if stem[-1 - len(vowel) : -1] == vowel and len(rest) >= 2 and {rest[-1], stem[-1]}.isdisjoint(VOWELS):
            return rest + stem[-1] if len(rest) + 1 >= SHORTEST else ""
    return ""
