"""What of a mail the bot is asked: not our notes on its files, nor what was passed on, nor a subject beside a question.

A mail's message is written for readers (`odziv/mail/inbound.py`): subject, words, what was passed on below a line that
says so, and notes. Here it is taken apart again.
"""

from __future__ import annotations

import re

from kb.language.questions import asking_pieces, leans
from odziv.settings.languages import LOCALES
from odziv.texts import CATALOGUE

NOTES = ("file_type", "file_heic", "file_damaged", "file_too_large", "file_too_many", "file_no_room")
PREFIX = re.compile(r"^(?:[^\W\d_]{1,5}\.?(?:\[\d+\]|\(\d+\))?[:：]\s*)+")
HEADER = re.compile(r"^[*\s]*[^\W\d_][^:\n]{0,20}:[*\s]")
# What PGP encrypted, and its keys: nothing that can be read.
ARMOUR = re.compile(
    r"^-----BEGIN PGP (?:MESSAGE|PUBLIC KEY BLOCK)\b.*?(?:^-----END PGP [A-Z ]+-----$|\Z)", re.DOTALL | re.MULTILINE
)
# Where words before it lead, as our own reading of HTML writes it, and as mail programs do in plain text.
ADDRESS = re.compile(
    r"[ \t]?(?:\((https?://[^\s<>()]{1,2000}|[^\s<>()@]{1,64}@[^\s<>()@]{1,190})\)|<(?:https?://|mailto:)[^\s<>]{1,4000}>)",
    re.IGNORECASE,
)
NOTHING = "(—)"  # stands for a mail without a word


def passed_on_line(language: str) -> str:
    """The line above what a customer passed on."""
    return f"--- {CATALOGUE.say('mail', 'forwarded', language)} ---"


def _said_everywhere(key: str) -> str:
    return "|".join(re.escape(str(CATALOGUE.say("mail", key, language))) for language in LOCALES)


WHY = "|".join(_said_everywhere(key) for key in NOTES)
NOTE = re.compile(rf"\[[^\n]{{0,120}} – (?:{WHY})\]|\[\+ \d+\]|\[… \d+ MB\]")
PASSED_ON = re.compile(rf"^--- (?:{_said_everywhere('forwarded')}) ---$", re.MULTILINE)


def question_of(text: str, subject: str, language: str) -> str:
    """What to ask the bot about a mail's message; empty where it says nothing.

    A subject above the words is what they are about, in one sentence with them: "Returning a tent: how do I do that?"
    It is the question where nothing else is said, and none of its own where the words ask one.
    """
    own, passed_on = _take_apart(without_addresses(ARMOUR.sub("", without_notes(text))).strip())
    is_told = bool(subject) and (own == subject or own.startswith(f"{subject}\n\n"))
    body = own.removeprefix(subject).lstrip() if is_told else own
    about = PREFIX.sub("", subject).strip() if is_told else ""
    if not is_told and is_quoted(body):
        return ""  # an answer in which nothing was written
    if not _has_words(body):
        return _without_head(passed_on) or about
    if not _has_words(about) or about.casefold() in body.casefold():
        return body
    if asking_pieces(about, language) and asking_pieces(body, language) and not leans(body, language):
        return body
    return f"{about}{'' if about[-1] in '.!?…:' else ':'} {body}"


def is_quoted(text: str) -> bool:
    """Whether each line stands behind a >."""
    return all(line.startswith(">") for line in text.split("\n") if line.strip())


def without_notes(text: str) -> str:
    """A mail's message without what we noted below it."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or NOTE.fullmatch(lines[-1])):
        lines.pop()
    rest = "\n".join(lines)
    return "" if rest == NOTHING else rest


def without_addresses(text: str) -> str:
    """A text without the addresses in brackets that its links lead to; as it is, where it says nothing else."""
    rest = ADDRESS.sub("", text)
    return rest if _has_words(rest) else text


def _take_apart(text: str) -> tuple[str, str]:
    found = PASSED_ON.search(text)
    return (text[: found.start()].rstrip(), text[found.end() :].strip()) if found else (text, "")


def _without_head(passed_on: str) -> str:
    """What was passed on, without From, Date and Subject above it."""
    lines = passed_on.split("\n")
    while lines and (not lines[0].strip() or HEADER.match(lines[0])):
        lines.pop(0)
    return "\n".join(lines).strip()


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
