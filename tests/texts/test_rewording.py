"""What was written down in English is said in its reader's language, when it is one of our messages."""

from __future__ import annotations

import pytest

from odziv.texts.desk import reword, speaking
from tests.texts.desk_catalogues import write_catalogue

PAIRS = {
    "%(agent)s marked this as spam.": "%(agent)s: označeno kot spam.",
    "%(agent)s gave this to %(name)s.": "%(agent)s: dodeljeno – %(name)s.",
    "%(agent)s gave this to %(name)s. %(other)s had it.": "%(agent)s: dodeljeno – %(name)s (prej %(other)s).",
    "%(agent)s snoozed this until %(until)s.": "%(agent)s: odloženo do %(until)s.",
    "%(agent)s set the priority to %(priority)s.": "%(agent)s: prednost %(priority)s.",
    "%(agent)s passed this on to the queue: %(team)s.": "%(agent)s: v vrsto (%(team)s).",
    "The rule “%(name)s” ran: %(done)s.": "Pravilo »%(name)s«: %(done)s.",
    "The rule “%(name)s” ran: %(done)s. Left out: %(skipped)s": "Pravilo »%(name)s«: %(done)s. Izpuščeno: %(skipped)s",
    "Not given to anybody: %(who)s": "Ni dodeljeno: %(who)s",
    "this conversation is resolved.": "ta pogovor je rešen.",
    "a label put on": "dodana oznaka",
    "resolved": "rešeno",
    "high": "visoka",
    "Its saved reply is deleted.": "Odgovor je izbrisan.",
    "Rated the assistant %(score)s of 5.": "Ocena pomočnika: %(score)s od 5.",
    "100 %% of it": "100 %% tega",
}
ENTRIES = "".join(
    f'#: odziv/cases/conversations/entries.py\nmsgid "{message}"\nmsgstr "{said}"\n\n'
    for message, said in PAIRS.items()
)
ELSEWHERE = '#: odziv/desk/people/people.py\nmsgid "Welcome, %(name)s."\nmsgstr "Dobrodošli, %(name)s."\n'


@pytest.fixture(autouse=True)
def slovenian(monkeypatch, tmp_path):
    write_catalogue(monkeypatch, tmp_path, "sl", ENTRIES + ELSEWHERE)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ana Kovač marked this as spam.", "Ana Kovač: označeno kot spam."),
        ("Ana gave this to Marek. Vida had it.", "Ana: dodeljeno – Marek (prej Vida)."),
        ("Ana set the priority to high.", "Ana: prednost visoka."),
        ("Ana passed this on to the queue: Slovenian, Delivery.", "Ana: v vrsto (slovenščina, Delivery)."),
        (
            "Ana snoozed this until Fri 4 Dec 2026, 09:00 (Europe/Ljubljana).",
            "Ana: odloženo do pet., 4. dec. 2026, 09:00 (Europe/Ljubljana).",
        ),
        ("Ana snoozed this until tomorrow.", "Ana: odloženo do tomorrow."),
        ("The rule “VIP” ran: a label put on, resolved.", "Pravilo »VIP«: dodana oznaka, rešeno."),
        (
            "The rule “VIP” ran: a label put on. Left out: Its saved reply is deleted. "
            "Not given to anybody: this conversation is resolved.",
            "Pravilo »VIP«: dodana oznaka. Izpuščeno: Odgovor je izbrisan. Ni dodeljeno: ta pogovor je rešen.",
        ),
        (
            "Rated the assistant 2 of 5.\n\n“To ni pomagalo. (.*) %s”",
            "Ocena pomočnika: 2 od 5.\n\n“To ni pomagalo. (.*) %s”",
        ),
        ("a.*b [x] %(agent)s marked this as spam.", "a.*b [x] %(agent)s: označeno kot spam."),
        ("Ana\nmarked this as spam.", "Ana\nmarked this as spam."),
        ("Vida had a question.", "Vida had a question."),
        ("Welcome, Ana.", "Welcome, Ana."),
        ("", ""),
    ],
)
def test_a_sentence_is_recognised_by_its_message(written, said):
    with speaking("sl"):
        assert reword(written) == said
    assert reword(written) == written


def test_a_name_that_is_a_word_of_ours_stays_a_name():
    with speaking("sl"):
        assert reword("high marked this as spam.") == "high: označeno kot spam."


def test_a_long_text_is_left_as_it_is():
    with speaking("sl"):
        text = "Ana gave this to " * 20_000 + "."
        assert reword(text) == text


def test_what_nearly_fits_takes_no_time():
    with speaking("sl"):
        text = ("Ana gave this to Marek. " * 160)[:1190]
        assert reword(text).startswith("Ana")
