"""Files written into a plain text, as programs did before MIME and some servers still do: between `begin` and `end`."""

from __future__ import annotations

import re
from binascii import Error, a2b_uu

from odziv.mail.reading.headers import decode_base64, read_file_name

BEGIN = re.compile(r"begin(?P<base64>-base64)? [0-7]{3,4} (?P<name>\S[^\n]{0,200})$")
UU_LINE = re.compile(r"[ -`]{1,90}$")
BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{1,1000}={0,2}$")
MOST_BAD = 20  # lines in a row that aren't encoded: then what follows is text again
MOST_FILES = 50


def take_out_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A plain text without the files in it, and these by their names. Of damaged ones there is what can be read."""
    if "begin" not in text:
        return text, []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    place = 0
    while place < len(lines):
        begin = BEGIN.match(lines[place].rstrip())
        end = _find_end(lines, place + 1, is_base64=bool(begin["base64"])) if begin and len(files) < MOST_FILES else 0
        if begin is None or not end:
            kept.append(lines[place])
            place += 1
            continue
        files.append((read_file_name(begin["name"]), _decode(lines[place + 1 : end], is_base64=bool(begin["base64"]))))
        place = end
    return ("\n".join(kept), files) if files else (text, [])


def _find_end(lines: list[str], place: int, *, is_base64: bool) -> int:
    """Behind which line a file ends whose first one is at a place; 0 where that is none of a file."""
    place += place < len(lines) and not lines[place].strip()  # a server may set a blank line between all
    if place >= len(lines) or not _is_encoded(lines[place], is_base64=is_base64) or lines[place].rstrip() == "M":
        return 0
    last, closing = place, "====" if is_base64 else "end"
    for number in range(place, len(lines)):
        if lines[number].rstrip() == closing:
            return number + 1
        if number - last > MOST_BAD or BEGIN.match(lines[number].rstrip()):
            break
        last = number if _is_encoded(lines[number], is_base64=is_base64) else last
    return last + 1


def _is_encoded(line: str, *, is_base64: bool) -> bool:
    if is_base64:
        return bool(BASE64_LINE.match(line.rstrip()))
    if not UU_LINE.match(line):
        return False
    is_long = len(line) >= _length(line) - 2 or line[0] == "M"  # a full line; servers take spaces at its end away
    return is_long and len(line) <= _length(line) + 2


def _length(line: str) -> int:
    """How many characters a line has that says in its first one how many bytes it stands for."""
    return 1 + -(-(ord(line[0]) - 32 & 63) // 3) * 4


def _decode(lines: list[str], *, is_base64: bool) -> bytes:
    if is_base64:
        return decode_base64("".join(line for line in lines if _is_encoded(line, is_base64=True)).encode())
    return b"".join(_decode_line(line) for line in lines if UU_LINE.match(line))


def _decode_line(line: str) -> bytes:
    """What one line says; of one that was cut short at its end, where a server takes spaces away, with those."""
    try:
        return a2b_uu(line[: _length(line)])
    except Error:
        return b""
