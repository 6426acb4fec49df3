"""How mail programs say who wrote what follows: "On … wrote:", a block of From, Sent, To and Subject, a line of dashes.

In the languages that are served and their neighbours; and, with an address, a date and a time, in any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

MOST_WRAPPED = 4  # lines of an attribution
LONGEST_TOLD = 300  # characters of it, or of a line of a header block
LOOK_AHEAD = 9  # lines of a header block
LEAST_DASHED = 20  # characters of a line between dashes
WROTE = re.compile(
    r"\b(?:wrote|writes|sent|napisa\w*|pisa[lł]\w*|piše|pisze|napisan\w*|zapisal\w*|sporoč\w*|poslal\w*"
    r"|odpisa[lł]\w*|odgovoril\w*|otrzymaliśmy|schrieb\w*|geschrieben|scritto|scrive|scriveva|écrit|escribió|escreveu"
    r"|napsal\w*|napísal\w*|píše|írta|schreef|scris|skrev|kirjoitti|написа\w*|пише|писа\w*|написал\w*|пишет|wiadomość)\b",
    re.IGNORECASE,
)
MONTH = r"[^\W\d_]{3,14}\.?"
# "27. 11. 2026", "11/27/26", "2026-11-27", "27. nov. 2026", "27 de noviembre de 2026", "November 27th, 2026".
FULL_DATE = re.compile(
    r"\b\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})\b|\b\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}\b"
    rf"|\b\d{{1,2}}(?:\.|st|nd|rd|th)?,? (?:de |of )?{MONTH},? (?:de |of )?\d{{4}}\b"
    rf"|\b{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
)
DAY = re.compile(rf"\b\d{{1,2}}\. ?\d{{1,2}}\.|\b\d{{1,2}}/\d{{1,2}}\b|\b\d{{1,2}}\.? {MONTH}|\b{MONTH} \d{{1,2}}\b")
TIME = re.compile(
    r"\b\d{1,2}:\d{2}\b|\b\d{1,2}h\d{2}\b|\b\d{1,2} ?[ap]\.?m\b"
    r"|\b(?:ob|u|at|o|um|alle|ore|kl|klo|godz|у|в)\.? \d{1,2}\.\d{2}\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[<\[(]?(?:mailto:)?[^\s<>@\[\]()]{1,64}@[^\s<>@\[\]()]{1,255}[>\])]?")
SENTENCE_END = re.compile(r"[.!?…][\"'”“»)]*$")
COMPANY = re.compile(r"\b(?:d\. ?o\. ?o|d\. ?d|s\. ?p|z ?o\. ?o|S\. ?A|Inc|Ltd|Co|GmbH|jr|dr)\.$|\d\.$", re.IGNORECASE)
# What may stand above the date when a line was wrapped.
PREPOSITION = r"on|dne|v|dana|u|w dniu|dnia|am|il|il giorno|op|дана|у"
WEEKDAY = (
    r"(?:mo|tu|we|th|fr|sa|su|pon|tor|uto|sre|sri|čet|pet|sub|sob|ned|wt|śr|czw|pt|pią|nie|di|mi|do|so|lun|mar|mer|gio"
    r"|ven|dom|пон|уто|сре|чет|пет|суб|нед)[^\W\d_]{0,9}\.?"
)
OPENER = re.compile(rf"(?:(?:{PREPOSITION})(?: |$))?(?:{WEEKDAY})?,?", re.IGNORECASE)
DAY_FIRST = re.compile(rf"(?:(?:(?:{PREPOSITION})|{WEEKDAY},?) ){{1,3}}(?:{MONTH} )?\d|\d", re.IGNORECASE)
DASH = "‐‑‒–—―-"
DASHES = re.compile(
    rf"^[_*= {DASH}]{{2,}}([^\W\d_](?:[^_*={DASH}]|(?<=\w)[-‐‑](?=\w)){{3,60}}?)[_*=: {DASH}]*$"
    r"|^([^\W\d_][^:]{5,60}):$"
)
# How some programs say it without a day: "Quoting Ana <ana@x.example>:", "Ana <ana@x.example> writes:".
QUOTING = r"quoting|navajam|citiram|citiranje|cytuję|cytowanie|zitat von|citando|citat(?: od)?"
DATELESS = re.compile(
    rf"(?:(?:{QUOTING}) )?[\"'„“”]?[^<>@\n:]{{1,80}}<[^\s<>@]{{1,64}}@[^\s<>@]{{1,255}}>"
    rf"(?: je)?(?: ({WROTE.pattern}))?\s*:?",
    re.IGNORECASE,
)
# And without a colon: "Am 27.11.26 um 10:01 schrieb Ana <ana@x.example>"; "“Ana” ana@x.example – 27. 11. 2026 10:01".
BRACKETED = re.compile(
    r"<[^\s<>@]{1,64}@[^\s<>@]{1,255}>(?: wrote| (?:je )?napisa\w*(?: je)?(?:\(\w+\))?)?$"
    r"|^\s*[\"'„“][^\"'„“”\n]{1,80}[\"'“”] <?[^\s<>@]{1,64}@[^\s<>@]{1,255}>? [-–—] [^!?]{0,60}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"forward|posredov|preposlan|prosl[ij]+eđ|prosleđ|przekaz|podaj dalej|weitergeleitet|inoltrat|transféré|přeposlan"
    r"|reenviad|továbbított|doorgestuurd|прослеђен|прослијеђен|пересыла",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"original|izvirn|izvorn|oryginaln|ursprüngl|origine|původní|pôvodn|eredeti|oorspronkelijk|оригинал|изворн|исходн"
    r"|reply message|reply separator|odgovor na sporočilo|wiadomości oryginalnej",
    re.IGNORECASE,
)
MESSAGE = re.compile(
    r"messag|mail|sporoč|poruk|wiadomoś|nachricht|messagg|mensaje|mensagem|zpráv|správ|üzenet|bericht|порук|сообщ",
    re.IGNORECASE,
)
MOST_ANNOUNCING = 6  # words
FROM = r"from|od|pošiljatelj|šalje|pošiljalac|nadawca|von|da|de|expéditeur|odesílatel|odosielateľ|feladó|од|шаље|от"
SENT = (
    r"sent|date|poslano|datum|wysłano|wysłane|data(?: wysłania)?|wysłano dnia|gesendet(?: am)?|inviato(?: il)?|envoyé"
    r"|enviado(?: el)?|odesláno|odoslané|poslato|poslané|küldve|dátum|датум|послато|дата|отправлено"
)
TO = (
    r"to|za|prima|primatelj|kome|do|adresat|an|a|à|para|komu|pro|címzett|aan|naslovnik|prejemnik|за|прима|коме|кому|cc"
    r"|kp|kopija|dw|kopia|bcc|skp|odgovori|reply-to|odpowiedz do|importance|pomembnost|važnost|ważność|attachments"
    r"|priloge|prilozi|załączniki"
)
SUBJECT = (
    r"subject|zadeva|naslov|predmet|tema|temat|tytuł|betreff|oggetto|objet|asunto|předmět|tárgy|onderwerp|тема|наслов"
    r"|предмет"
)
HEADER = re.compile(rf"^[*|>\s]*(?:({FROM})|({SENT})|({TO})|({SUBJECT}))[*\s]*:[*\s]*(.*)$", re.IGNORECASE)

BARE_HEADER = re.compile(rf"^(?:{FROM}|{SENT}|{TO}|{SUBJECT})[ \t]+\S.*$", re.IGNORECASE)
LEAST_BARE, MOST_BARE = 3, 6  # such lines without a colon, below a line of dashes


@dataclass(frozen=True)
class Attribution:
    """Lines `start` up to `end` that say who wrote what follows, and all they say."""

    start: int
    end: int
    text: str


def find_attributions(lines: Sequence[str], is_ours: Callable[[str], bool] | None = None) -> dict[int, Attribution]:
    """The attributions in some lines, by the line they begin at. None takes a line that the writer's own sentence ends.

    Of lines that were wrapped, as few belong to one as say when and who: what stands above is the writer's. Some end
    without a colon: between dashes, or with an address in brackets, which is one only where `is_ours` says so.
    """
    found: dict[int, Attribution] = {}
    for place, line in enumerate(lines):
        end = line.rstrip("\u200b ")
        attribution = None
        if end.endswith((":", "：")) or (end.endswith("--") and len(end) > LEAST_DASHED):
            attribution = _ending_at(lines, place) or _dateless_at(lines, place)
        elif is_ours and len(end) <= LONGEST_TOLD and BRACKETED.search(end) and is_attribution(end) and is_ours(end):
            attribution = Attribution(place, place + 1, end)
        if attribution:
            found[attribution.start] = attribution
    return found


def _ending_at(lines: Sequence[str], last: int) -> Attribution | None:
    wrapped: list[str] = []
    has_dashes = lines[last].rstrip().endswith("--")
    for place in range(last, max(-1, last - MOST_WRAPPED), -1):
        line = lines[place].strip()
        is_own = bool(wrapped) and SENTENCE_END.search(line) and not COMPANY.search(line)
        if not line or is_own or line.startswith(">") or (wrapped and line.endswith(":")):
            return None
        wrapped.insert(0, line)
        joined = " ".join(wrapped)
        if len(joined) > LONGEST_TOLD:
            return None
        if has_dashes:
            joined = joined.strip(f"{DASH} ") if joined.startswith("--") else ""
        is_apart = len(wrapped) > 1 and _dateless_at(lines, last) and not DAY_FIRST.match(line)
        if is_attribution(joined) and not is_apart:
            above = lines[place - 1].strip() if place else ""
            start = place - 1 if above and OPENER.fullmatch(above) else place
            return Attribution(start, last + 1, " ".join(part.strip() for part in lines[start : last + 1]))
    return None


def _dateless_at(lines: Sequence[str], place: int) -> Attribution | None:
    """A line that is a name, an address and how a program says that it quotes; between dashes, with labels below it."""
    text = lines[place].strip(f"{DASH} ")
    found = DATELESS.fullmatch(text[:LONGEST_TOLD])
    if not found or not (found[1] or re.match(QUOTING, text, re.IGNORECASE)):
        return None
    labels = (
        takewhile(is_header_line, lines[place + 1 : place + 1 + MOST_BARE]) if lines[place].startswith("--") else ()
    )
    return Attribution(place, place + 1 + len(list(labels)), text)


def is_attribution(text: str) -> bool:
    """Whether a line says when somebody wrote: with a day, and how a program tells of writing, or address and time."""
    when = text[:LONGEST_TOLD]
    if not any(character.isdigit() for character in when):
        return False
    has_time, has_date = TIME.search(when), FULL_DATE.search(when)
    if WROTE.search(when):
        return bool(has_date or (has_time and DAY.search(when)))
    return bool(has_date and has_time and ADDRESS.search(when))


def find_separator(line: str) -> str | None:
    """What a line of dashes, or "Begin forwarded message:", announces: "forwarded" or "original"; None for others."""
    found = DASHES.match(line.strip()[:120])
    if not found:
        return None
    words = found[1] or found[2]
    has_dashes, is_of_mail = bool(found[1]), bool(MESSAGE.search(words)) and len(words.split()) <= MOST_ANNOUNCING
    if FORWARDED.search(words) and (has_dashes or is_of_mail):
        return "forwarded"
    return "original" if has_dashes and is_of_mail and ORIGINAL.search(words) else None


@dataclass(frozen=True)
class HeaderBlock:
    """From, Sent, To and Subject of a mail that a program put below, and how many lines that are."""

    lines: int
    all: str
    is_whole: bool


def read_header_block(lines: Sequence[str], place: int) -> HeaderBlock | None:
    """The block that begins here; None where there is none. Its values may be wrapped."""
    kinds: list[int] = []
    end = place
    for number in range(place, min(place + LOOK_AHEAD, len(lines))):
        found = HEADER.match(lines[number][:LONGEST_TOLD])
        if found:
            kinds.append(next(kind for kind in (1, 2, 3, 4) if found[kind]))
            end = number + 1
        elif not kinds or not lines[number].strip():
            break
    if kinds and kinds[0] in kinds[1:]:
        return None  # the writer's own "Address: …" above one that begins below
    text = "\n".join(lines[place:end])
    has_date = bool(FULL_DATE.search(text))
    if len(set(kinds)) < 3 or 1 not in kinds or kinds[0] == 3 or not (has_date or kinds[0] == 1):
        return None
    if kinds[0] == 1 and 4 not in kinds and not has_date:
        return None
    return HeaderBlock(end - place, text, len(set(kinds)) == 4 and (has_date or bool(TIME.search(text))))


def is_header_line(line: str) -> bool:
    """Whether it is one line of such a block."""
    return bool(HEADER.match(line[:LONGEST_TOLD]))


def count_bare_headers(lines: Sequence[str], place: int) -> int:
    """How many lines from here on are such a block without colons, as eM Client writes it below its line of dashes."""
    found = list(takewhile(BARE_HEADER.match, (line[:LONGEST_TOLD] for line in lines[place : place + MOST_BARE])))
    return len(found) if len(found) >= LEAST_BARE else 0
