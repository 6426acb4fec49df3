"""Bytes as letters. The charset that a mail names is a hint; what its bytes say counts more."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from itertools import pairwise

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that make letters of bytes in time that grows with their number. UTF-7 hides what it says from those who look.
KNOWN = re.compile(
    r"utf-(?:8|16|32)|cp125\d|cp8[567]\d|cp437|cp720|cp737|cp775|cp9(?:32|36|49|50)|iso8859-\d+|koi8-[rtu]|mac-"
    r"|big5|gb2312|gbk|gb18030|euc|shift_jis|iso2022|hz|johab|tis-620|ptcp154|kz1048|latin"
)
ALIASES = {
    "mac-ce": "mac-latin2",
    "macce": "mac-latin2",
    "macintosh": "mac-roman",
    "ks-c-5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
}
UTF_8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
CUT_OFF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$")
HIGH = re.compile(rb"[\x80-\xff]")
# The Windows page whose letters are sent under the name of an ISO one; and who is mistaken for whom.
PAGES = {"iso8859-1": "cp1252", "iso8859-2": "cp1250", "iso8859-15": "cp1252", "iso8859-5": "cp1251",
         "iso8859-7": "cp1253", "iso8859-9": "cp1254", "iso8859-4": "cp1257", "iso8859-13": "cp1257",
         "iso8859-16": "cp1250"}  # fmt: skip
CENTRAL, WESTERN = ("cp1250", "iso8859-2"), ("cp1252",)
UNNAMED = (*CENTRAL, *WESTERN, "cp1251", "koi8-r", "cp852")
ALPHABETS = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        "čšž", "čćđšž", "ąćęłńóśźż", "äöüß", "àèéìíòóùú", "àâæçéèêëîïôœùûü", "áéíóöőúüű", "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž", "ăâîșțşţ", "áéíóúñü", "áâãàçéêíóôõú", "åäöæøé", "çğıöşüâ", "āčēģīķļņšūž", "ąčęėįšųūž",
    )
)  # fmt: skip
# Signs that stand where another page has a letter; some may close a word.
NO_LETTERS = frozenset("¹³²±¶¾¼½¿¡¤¥¦¨¯ˇ˘˝¸¬©®ªº×÷£¢§«»µ·°ˆ˜€†‡‰‹›Œœƒ™")
CLOSING = frozenset("»›™°®©²³€")


@lru_cache(maxsize=256)
def find_codec(label: str | None) -> str | None:
    """Python's name for a charset that a mail names; None for what is none, unknown or not to be trusted."""
    name: str = re.sub(r"[^a-z0-9-]+", "-", (label or "").lower()).strip("-")[:40]
    name = re.sub(r"^(?:x-|cs(?=iso|utf))+", "", name)
    name = re.sub(r"^(?:windows|win|cp)-?(?=\d)", "cp", str(ALIASES.get(name, name)))
    name = re.sub(r"^(?:iso-?)?8859-?(?=\d)", "iso-8859-", name)
    try:
        found = str(codecs.lookup(name).name)
    except (LookupError, ValueError):
        return None
    if found in {"gb2312", "gbk"}:
        return "gb18030"  # what goes by their names has more letters
    return found if KNOWN.match(found) else None


def decode_bytes(raw: bytes, *labels: str | None) -> str:
    """Bytes as text, whatever happens. `labels` are the charsets that the mail names for them, the best first."""
    for mark, codec in MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(codec, "replace")
    named = [known for label in labels if (known := find_codec(label))]
    if wide := _find_wide(raw):
        return raw.decode(wide, "replace")
    if raw.isascii():
        shifting = next((codec for codec in named if codec.startswith(("iso2022", "hz"))), "ascii")
        return raw.decode(shifting, "replace")
    return _decode_high(raw, named)


def _find_wide(raw: bytes) -> str | None:
    """UTF-16 or UTF-32: every second byte of Latin text is zero, whichever name it goes by."""
    begin = raw[:2000]
    if begin.count(0) * 4 < len(begin) or len(begin) < 2:
        return None
    if begin.count(b"\0\0\0") * 5 > len(begin) // 4:
        return "utf-32-be" if begin[:3] == b"\0\0\0" else "utf-32-le"
    return "utf-16-be" if begin[0::2].count(0) > begin[1::2].count(0) else "utf-16-le"


def _decode_high(raw: bytes, named: list[str]) -> str:
    good = len(UTF_8.findall(raw))
    bad = len(HIGH.findall(UTF_8.sub(b"", CUT_OFF.sub(b"", raw))))
    is_named = "utf-8" in named
    if good and good >= bad * (1 if is_named else 2):
        text = raw.decode("utf-8", "replace")
        if bad == 0 and (is_named or good > 2 or count_odd(text) == 0):
            return text
        if good > 2 or is_named:
            return text
    return _best(raw, [codec for codec in named if not codec.startswith("utf")])


def _best(raw: bytes, named: list[str]) -> str:
    """As the charset with the fewest signs that don't go together; of equals, the one that is named."""
    if (codec := next(iter(named), None)) and codec not in {*PAGES, *UNNAMED}:
        return raw.decode(codec, "replace")
    likely = [*named, *(PAGES[each] for each in named if each in PAGES), *(CENTRAL if named else UNNAMED)]
    texts = [text for codec in dict.fromkeys(likely) if (text := raw.decode(codec, "replace"))]
    return min(texts, key=count_odd)


def count_odd(text: str) -> int:
    """How many signs of a text don't go together: letters of several languages, signs within words, control signs."""
    text = text[:20_000]
    letters = [each for each in text if each > "\x7f" and each.isalpha() and each not in NO_LETTERS]
    strange = min((sum(each not in alphabet for each in letters) for alphabet in ALPHABETS), default=0)
    if letters and all(_is_far(each) for each in letters):
        strange = 0
    broken = 3 * sum("\x7f" <= each <= "\x9f" or each == "\ufffd" for each in text)
    return strange + broken + sum(_is_odd_pair(one, two) for one, two in pairwise(text))


def _is_far(letter: str) -> bool:
    return "\u0370" <= letter <= "\u052f" or letter > "\u0590"


def _is_odd_pair(one: str, two: str) -> bool:
    """A sign within a word, a capital after a small letter, two alphabets in one word, or what no language writes."""
    if one < "\x80" and two < "\x80":
        return False
    if (one in "ÈèÆæ" and two in "aeiouAEIOU") or (one == "Ł" and two.isdigit()):  # "naroèil" of "naročil", "Ł20"
        return True
    if one.isalpha() and two.isalpha():
        if one in NO_LETTERS or two in NO_LETTERS or _is_far(one) != _is_far(two):
            return True
        return one.islower() and two.isupper() and two > "\x7f"
    return (one in NO_LETTERS and two.isalpha()) or (two in NO_LETTERS - CLOSING and one.isalpha())
