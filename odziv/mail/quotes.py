"""What a customer wrote themselves in a reply: without what their mail program quoted, and without the signature.

Line by line, so that no text takes long. (mail-parser-reply knows neither Slovenian nor Croatian, and its patterns take
minutes for some 24 KB.)
"""

from __future__ import annotations

import re

LOOK_AHEAD = 5  # lines of a header block
MOST_WRAPPED = 3  # lines of an attribution
LONGEST_ATTRIBUTION = 300
# "On Mon, 4 Mar 2024 at 10:11, Ana wrote:" as Gmail, Apple Mail, Thunderbird and Outlook write it.
WROTE = re.compile(
    r"(?:\bwrote|\bnapisal(?:a|\(a\)|/a|/la)?|\bje napisal(?:a|\(a\))?|\bnapisao(?:/la|\(la\))?|\bnapisala"
    r"|\bnapisał(?:a|\(a\))?|\bpisze|\bpiše|\bpisał(?:a|\(a\))?|\bschrieb)(?: je)?(?: [^:\n]{0,60})?:$",
    re.IGNORECASE,
)
# The day: "27. 11. 2026", "11/27/26", "2026-11-27", "27. nov. 2026", "27 listopada 2026", "November 27th, 2026".
DAY = (
    r"\b\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}\.? [^\W\d_]{3,12}\.?,? \d{4}\b"
    r"|\b[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
)
DATE = re.compile(DAY)
BEGINNING = re.compile(DAY + r"|\w[\"'”)]? ?[<\[(][^\s<>@]{1,64}@[^\s<>@]{1,255}[>\])]")
SENTENCE_END = re.compile(r"[.!?…][\"'”“»)]*$")
COMPANY = re.compile(r"\b(?:d\. ?o\. ?o|d\. ?d|s\. ?p|z ?o\. ?o|S\. ?A|Inc|Ltd)\.$", re.IGNORECASE)  # ends a name
SEPARATOR = re.compile(
    r"-{2,} ?(?:original message|forwarded message|izvirno sporočilo|posredovano sporočilo|izvorna poruka"
    r"|originalna poruka|proslijeđena poruka|wiadomość oryginalna|oryginalna wiadomość|treść oryginalnej wiadomości"
    r"|wiadomość przekazana|(?:begin )?forwarded) ?-{0,}$",
    re.IGNORECASE,
)
# From, Sent, To, Subject at the head of what Outlook quotes.
LABEL = re.compile(
    r"\*?(?:from|sent|date|to|cc|subject|od|poslano|datum|za|prima|kp|zadeva|predmet|pošiljatelj|šalje|tema"
    r"|wysłano|wysłane|data|do|dw|temat|komu|pošiljateľ)\*?: ?\S.*",
    re.IGNORECASE,
)
FROM_LABEL = re.compile(r"\*?(?:from|od|pošiljatelj|šalje)\*?: ?\S", re.IGNORECASE)
PHONE = re.compile(
    r"(?:sent from (?:my|outlook|mail)|poslano (?:z|s|iz|sa) |wysłan[oe] (?:z|ze) "
    r"|(?:get|pobierz|prenesite|preuzmite|nabavite) outlook).{0,80}$",
    re.IGNORECASE,
)


def strip_quotes(text: str, *, is_reply: bool = True) -> str:
    """The customer's own words; empty when there are none. In a mail that is no reply, only lines with > are quoted."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    own: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if line in {"--", "- --", "—"} or lines[place] == "-- ":
            break
        if is_reply and (SEPARATOR.match(line) or _is_header_block(lines, place)):
            break
        if is_reply and (taken := _attribution(lines, place)):
            place += taken
            if not _quote_follows(lines, place):
                break  # everything below is the quoted mail
            continue
        if not line.startswith(">"):
            own.append(lines[place])
        place += 1
    return _tidy(own)


def _is_header_block(lines: list[str], place: int) -> bool:
    if not FROM_LABEL.match(lines[place].strip()):
        return False
    return sum(bool(LABEL.match(line.strip())) for line in lines[place : place + LOOK_AHEAD]) >= 3


def _attribution(lines: list[str], place: int) -> int:
    """How many lines, from here, say who wrote what follows; 0: none begins here."""
    wrapped: list[str] = []
    for line in lines[place : place + MOST_WRAPPED]:
        wrapped.append(line.strip())
        if not wrapped[-1] or wrapped[0].startswith(">") or sum(map(len, wrapped)) > LONGEST_ATTRIBUTION:
            return 0
        if wrapped[-1].endswith(":"):
            return len(wrapped) if _is_attribution(wrapped) else 0
        if SENTENCE_END.search(wrapped[-1]) and not COMPANY.search(wrapped[-1]):
            return 0  # the customer's own, however close it stands
    return 0


def _is_attribution(wrapped: list[str]) -> bool:
    """Whether these lines are one, and it doesn't begin further down: in one that was wrapped, the first has the date,
    or a name with an address."""
    joined = " ".join(wrapped)
    if not any(character.isdigit() for character in joined) or not WROTE.search(joined):
        return False
    if len(wrapped) == 1:
        return True
    return bool(BEGINNING.search(wrapped[0])) and not DATE.search(" ".join(wrapped[1:]))


def _quote_follows(lines: list[str], place: int) -> bool:
    following = next((line.strip() for line in lines[place:] if line.strip()), "")
    return following.startswith(">")


def _tidy(lines: list[str]) -> str:
    """Without a telephone's signature, a line of underscores and more than one blank line in a row."""
    while lines and (not lines[-1].strip() or PHONE.match(lines[-1].strip()) or set(lines[-1].strip()) <= {"_"}):
        lines.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
