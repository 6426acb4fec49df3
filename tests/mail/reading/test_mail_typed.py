"""What a customer types between our quoted lines is theirs, however their program marks it; our own words never are."""

from __future__ import annotations

import textwrap
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from lxml.html import fromstring, tostring

from kb.render import render
from kb.sources.passages import to_plain
from odziv.mail.parse import read_mail
from odziv.mail.quotes import Words
from odziv.mail.reading.ours import Ours
from odziv.mail.texts import say
from odziv.store.conversations.messages import list_messages
from odziv.store.mail.inbound import find_original
from tests.mail.conftest import ANNA, OURS, write_mail
from tests.mail.test_intake import everyone, said

ASKED = "Kje je moj paket?\nČakam že tri tedne."
SAID = (
    "Žal nam je, da paketa še ni. Da ga pošljemo znova, potrebujemo:\n\nVelikost:\n\nKatero barvo želite?\n\n"
    "Na kateri naslov naj ga pošljemo in kdaj ste doma?"
)
FOOTER = say("from_person", "sl")
US = Ours([OURS, "Smreka"], [SAID], [ASKED, "23. novembra 2026 ste napisali:"], ["Ana Kovač", "Smreka"], [FOOTER])
WHEN = f"Dne 27. 11. 2026 ob 10:01 je Smreka &lt;{OURS}&gt; napisal(a):"
BEGIN = "<p>Žal nam je, da paketa še ni. Da ga pošljemo znova, potrebujemo:</p><p>Velikost:</p>"
COLOUR, WHERE = "<p>Katero barvo želite?</p>", "<p>Na kateri naslov naj ga pošljemo in kdaj ste doma?</p>"
END = f"<p>Ana Kovač<br>Smreka</p><p>{FOOTER}</p><p>23. novembra 2026 ste napisali:</p>"
END += f"<blockquote>{ASKED.replace(chr(10), '<br>')}</blockquote>"
CITE, OFF = '<blockquote type="cite">', "</blockquote>"
GMAIL = "<blockquote class=gmail_quote>"
IN_ONE = f"{BEGIN}<p>42</p>{COLOUR}<div>Rdečo, prosim.</div>{WHERE}<p>Lipova 5, Kranj.<br>Popoldne.</p>{END}"
IN_ONE_OWN = ["42", "Rdečo, prosim.", "Lipova 5, Kranj.", "Popoldne."]
SPANS = (
    f"{BEGIN[:-4]} <span style='color:red'>42</span></p>"
    "<p>Katero barvo želite? <font color=blue>Rdečo, prosim.</font></p>"
    f"<p>Na kateri naslov naj ga pošljemo in kdaj ste doma? <b>Lipova 5, Kranj. Popoldne.</b></p>{END}"
)
SPANS_OWN = ["42", "Rdečo, prosim.", "Lipova 5, Kranj. Popoldne."]
ATTRIBUTION = "<div>27 Kas 2026 saat 10:01 Smreka şunu yazdı:</div>"
SHAPES = {
    "Apple Mail, in one quote": (f"<p>Hvala!</p>{CITE}<div>{WHEN}</div><br>{IN_ONE}{OFF}",
                                 ["Hvala!", *IN_ONE_OWN]),
    "Apple Mail, nothing above": (f"{CITE}<div>{WHEN}</div>{IN_ONE}</blockquote>", IN_ONE_OWN),
    "Apple Mail, in another language": (f"{CITE}{ATTRIBUTION}{IN_ONE}</blockquote>", IN_ONE_OWN),
    "Apple Mail, one answer inside, one between": (
        f"{CITE}{BEGIN}<p>42</p>{COLOUR}</blockquote><p>Rdečo.</p>{CITE}{WHERE}<p>Lipova 5</p>{END}</blockquote>",
        ["42", "Rdečo.", "Lipova 5"],
    ),
    "Thunderbird": (
        f"<div class='moz-cite-prefix'>{WHEN}<br></div><blockquote type=cite cite='mid:x'>{IN_ONE}</blockquote>",
        IN_ONE_OWN,
    ),
    "Thunderbird, split into many": (
        f"<blockquote type=cite cite='mid:x'>{BEGIN}<p>42</p></blockquote><blockquote type=cite cite='mid:x'>{COLOUR}"
        f"<p>Rdečo.</p></blockquote><blockquote type=cite>{WHERE}Lipova 5</blockquote>",
        ["42", "Rdečo.", "Lipova 5"],
    ),
    "Thunderbird, a quote in a quote": (
        f"<blockquote type=cite>{BEGIN}<p>42</p>{COLOUR}<p>Rdečo.</p><blockquote type=cite>Kje je moj paket?<br>"
        "Čakam že tri tedne.<br>Zdaj že štiri.</blockquote></blockquote>",
        ["42", "Rdečo.", "Zdaj že štiri."],
    ),
    "Gmail": (
        f"<div class=gmail_quote><div class=gmail_attr>{WHEN}<br></div>{GMAIL}{IN_ONE}{OFF}</div>",
        IN_ONE_OWN,
    ),
    "Gmail, coloured in the line": (
        f"<div class=gmail_quote><div>{WHEN}</div><blockquote class=gmail_quote>{SPANS}</blockquote></div>",
        SPANS_OWN,
    ),
    "Outlook, coloured": (f"<div>V barvi</div><div id=divRplyFwdMsg><b>Od:</b> Smreka &lt;{OURS}&gt;<br>"
                          "<b>Poslano:</b> petek,"
                          f" 27. november 2026 10:01<br><b>Za:</b> Ana<br><b>Zadeva:</b> Re: P</div>{SPANS}",
                          ["V barvi", *SPANS_OWN]),
    "Outlook, with a name before each": (
        f"<hr id=stopSpelling><div id=divRplyFwdMsg><b>Od:</b> Smreka</div>{BEGIN}<p>[Ana:] 42</p>{COLOUR}"
        f"<p>[Ana:] Rdečo.</p>{WHERE}{END}",
        ["[Ana:] 42", "[Ana:] Rdečo."],
    ),
    "Yahoo, without a blockquote": (f"<div class=yahoo_quoted><div>{WHEN}</div><div>{IN_ONE}</div></div>", IN_ONE_OWN),
    "Proton": (f"<div class=protonmail_quote>{WHEN}<br>"
               f"<blockquote class=protonmail_quote type=cite>{IN_ONE}{OFF}</div>",
               IN_ONE_OWN),
    "coloured in the line, as Apple Mail": (f"{CITE}{SPANS}</blockquote>", SPANS_OWN),
    "behind a colon without a space": (f"{CITE}{BEGIN[:-4]}42</p>{COLOUR}{WHERE}{END}</blockquote>", ["42"]),
    "behind our words without their sign": (
        f"{CITE}{BEGIN}<p>Katero barvo želite – rdečo</p>{WHERE}{END}</blockquote>", ["rdečo"],
    ),
    "before our words": (f"{CITE}{BEGIN}<p>Rdečo =&gt; Katero barvo želite?</p>{WHERE}{END}</blockquote>", ["Rdečo"]),
    "a long answer to few words": (f"{CITE}{COLOUR}"
                                   f"<p>{'Rdečo bi rada, pa še eno zeleno zraven. ' * 3}</p>{END}{OFF}",
                                   ["Rdečo bi rada, pa še eno zeleno zraven. " * 3]),
    "a line with a label": (
        f"{CITE}<div>Od: Smreka</div>{BEGIN}<p>42</p>{WHERE}<p>Naslov: Lipova 5</p><p>Datum: 3. 12.</p>{OFF}",
        ["42", "Naslov: Lipova 5", "Datum: 3. 12."],
    ),
    "a link, an address, a number": (
        f"{CITE}{BEGIN}<p>https://x.example/7</p>{COLOUR}<p>ana@x.example</p>{WHERE}<p>Naročilo 77 pri Smreka</p>{OFF}",
        ["https://x.example/7", "ana@x.example", "Naročilo 77 pri Smreka"],
    ),
    "a day and a time": (
        f"{CITE}{BEGIN}<p>42</p>{WHERE}<p>Doma sem 27. 11. 2026 ob 10:01</p>{END}{OFF}",
        ["42", "Doma sem 27. 11. 2026 ob 10:01"],
    ),
    "with lines of ours deleted and in another order": (
        f"{CITE}{COLOUR}<p>Rdečo</p>{BEGIN}<p>42</p>{END}{OFF}", ["Rdečo", "42"],
    ),
    "as a quotation in colour": (
        f"{CITE}{BEGIN}<blockquote style='color:blue'>42</blockquote>{COLOUR}{END}{OFF}", ["42"],
    ),
    "a tick": (f"{CITE}{BEGIN}<p>42</p>{COLOUR}<p>✓ 👍</p>{WHERE}{END}</blockquote>", ["42", "✓ 👍"]),
    "a list": (f"{CITE}{BEGIN}<ul><li>42</li><li>43</li></ul>{COLOUR}{WHERE}{END}</blockquote>", ["* 42", "* 43"]),
    "a table": (f"{CITE}<table><tr><td>Velikost:</td><td>42</td></tr>"
                f"<tr><td>Katero barvo želite?</td><td>Rdečo.</td></tr>"
                f"</table>{WHERE}{END}</blockquote>", ["42", "Rdečo."]),
    "pasted with empty lines": (f"{CITE}{BEGIN}<p><br></p><p>42<br><br><br></p><p>&nbsp;</p>{COLOUR}{END}{OFF}",
                                ["42"]),
}  # fmt: skip


def read(html: str, ours: Ours = US) -> Words:
    head = "From: ana@x.example\nSubject: Re: Paket\nIn-Reply-To: <a@b>\nContent-Type: text/html; charset=utf-8\n\n"
    return read_mail((head + html).encode()).read_words(ours)


def filled(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_between_our_lines_are_found(shape):
    html, own = SHAPES[shape]
    words = read(html)
    assert filled(words.own) == [line.strip() for line in own]
    assert not words.is_unsure


NOTHING = {
    "nothing typed": f"{CITE}<div>{WHEN}</div>{BEGIN}{COLOUR}{WHERE}{END}</blockquote>",
    "in another language": f"{CITE}{ATTRIBUTION}{BEGIN}{COLOUR}{WHERE}{END}</blockquote>",
    "lines joined": f"{CITE}<p>{SAID.replace(chr(10), ' ')}</p>{END}</blockquote>",
    "lines broken": f"{CITE}<p>{SAID.replace(' ', '<br>', 12)}</p>{END}</blockquote>",
    "half of it": f"{CITE}{COLOUR}{WHERE}</blockquote>",
    "twice": f"{CITE}{BEGIN}{COLOUR}{CITE}{BEGIN}{COLOUR}</blockquote></blockquote>",
    "as Gmail": f"<div class=gmail_quote><div>{WHEN}</div>{GMAIL}{BEGIN}{END}{OFF}</div>",
    "as Outlook": f"<div id=divRplyFwdMsg><b>Od:</b> Smreka</div>{BEGIN}{COLOUR}{WHERE}{END}",
}


@pytest.mark.parametrize("shape", NOTHING)
def test_where_nothing_was_typed_nothing_of_ours_is_taken_for_it(shape):
    words = read(f"<p>Hvala.</p>{NOTHING[shape]}")
    assert (words.own, words.is_unsure) == ("Hvala.", False)


@pytest.mark.slow
def test_no_article_that_we_send_counts_as_the_customers():
    """Lists, tables, links and headings, as HTML lays them out; and what is typed behind any of them is found."""
    for path in sorted((Path(__file__).parents[3] / "kb/articles").glob("*/orders/*.md"))[::4]:
        text = path.read_text("utf-8").split("---\n", 2)[2]
        ours = Ours([OURS, "Smreka"], [text, to_plain(text)], [ASKED], ["Ana Kovač", "Smreka"], [FOOTER])
        html = render(text, path.parts[-3])
        words = read(f"<p>Hvala.</p>{CITE}{html}{END}{OFF}", ours)
        assert (words.own, words.is_unsure) == ("Hvala.", False), path
        for place in range(0, len(list(fromstring(f"<div>{html}</div>").iter("p", "li", "td"))), 6):
            tree = fromstring(f"<div>{html}</div>")
            list(tree.iter("p", "li", "td"))[place].append(fromstring("<b>&nbsp; modra, prosim</b>"))
            words = read(f"{CITE}{tostring(tree, encoding='unicode')}{END}{OFF}", ours)
            assert (words.own, words.is_unsure) == ("modra, prosim", False), (path, place)


UNSURE = {
    "a gateway's footer below our mail": f"{CITE}{BEGIN}{END}<p>This e-mail is confidential.</p></blockquote>",
    "a gateway's warning above it": f"{CITE}<p>This mail came from outside</p>{BEGIN}{END}</blockquote>",
    "in the middle of our sentence": f"{CITE}{BEGIN}"
    f"<p>Na kateri naslov (Lipova 5) naj ga pošljemo in kdaj ste doma?</p>{OFF}",
    "somebody else's mail": f"{CITE}<p>Paket zamuja, pravi kurir, in pride šele v ponedeljek.</p></blockquote>",
    "somebody else's beside ours": f"{CITE}{BEGIN}{END}{OFF}{CITE}<p>Paket zamuja, pravi kurir.</p>{OFF}",
    "our greeting in somebody else's": f"{CITE}<p>Ana Kovač<br>Smreka</p>"
    f"<p>{'Vaše naročilo 778899 je oddano. ' * 8}</p>{OFF}",
    "below an attribution": f"<div>{WHEN}</div><div>Vaše naročilo 778899 je bilo oddano danes.</div>",
}  # fmt: skip


@pytest.mark.parametrize("shape", UNSURE)
def test_what_can_not_be_known_is_left_out_and_said_to_be_there(shape):
    words = read(f"<p>Hvala.</p>{UNSURE[shape]}")
    assert (words.own, words.is_unsure) == ("Hvala.", True)


def test_where_nothing_of_ours_is_known_nothing_in_a_quote_is_the_customers():
    for ours in (Ours([OURS]), Ours([OURS], [], [ASKED])):
        words = read(f"<p>Hvala.</p>{CITE}{IN_ONE}</blockquote>", ours)
        assert (words.own, words.is_unsure) == ("Hvala.", True)
    assert not read(f"<p>Hvala.</p>{CITE}<div>{WHEN}</div></blockquote>", Ours([OURS])).is_unsure


def test_what_the_customer_said_before_is_theirs_anew_above_our_closing():
    for typed in ("Kje je moj paket?", "Čakam že tri tedne."):
        assert read(f"{CITE}{BEGIN}<p>{typed}</p>{COLOUR}{END}</blockquote>").own == typed


PLAIN_END = f"Ana Kovač\nSmreka\n\n-- \n{FOOTER}\n\n23. novembra 2026 ste napisali:\n"
PLAIN = {
    "nothing typed": (f"{SAID}\n\n{PLAIN_END}", []),
    "one line": ("Katero barvo želite?\nrdečo", ["rdečo"]),
    "behind ours": (SAID.replace("Velikost:", "Velikost: 42").replace("želite?", "želite? Rdečo."), ["42", "Rdečo."]),
    "between ours": (f"{SAID.replace('Velikost:', 'Velikost:' + chr(10) + '42')}\n\n{PLAIN_END}", ["42"]),
    "somebody else's words": ("Paket zamuja, pravi kurir.\nPride v ponedeljek.", []),
    "below our closing": (f"{SAID}\n\n{PLAIN_END}\nThis e-mail is confidential.", None),
    "in the middle of ours": (SAID.replace("naslov naj", "naslov (Lipova 5) naj"), None),
}


@pytest.mark.parametrize("shape", PLAIN)
@pytest.mark.parametrize("width", [30, 72, 1000])
def test_lines_with_an_arrow_are_read_alike(shape, width):
    """As the plain part of Apple Mail's and Thunderbird's mails has them; None: what can't be known."""
    text, own = PLAIN[shape]
    lines = [piece for line in text.split("\n") for piece in (textwrap.wrap(line, width) or [""])]
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    mail = read_mail(write_mail(f"Hvala.\n\n{quoted}", "Re: P", In_Reply_To="<a@b>"))
    words = mail.read_words(US)
    if own is None:
        assert words.is_unsure and words.own.startswith("Hvala.") and "Katero" not in words.own
    else:
        assert (filled(words.own), words.is_unsure) == (["Hvala.", *own], False)


HOSTILE = {
    "many quotes": f"{CITE}<p>Katero barvo želite? 42</p></blockquote>" * 2_000,
    "quotes in quotes": f"{CITE}<p>Katero barvo želite? 42</p>" * 300,
    "our words again and again": f"{CITE}{IN_ONE * 300}</blockquote>",
    "one long line": f"{CITE}<p>{'Katero barvo želite? 42 ' * 8_000}</p></blockquote>",
    "ticks": f"{CITE}{BEGIN}<p>{'✓ ' * 50_000}</p></blockquote>",
    "colons": f"{CITE}{BEGIN}<p>{'Velikost: ' * 20_000}</p></blockquote>",
}


@pytest.mark.slow
@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_quotes_take_little_time(html):
    began = time.process_time()
    read(html)
    assert time.process_time() - began < 8


def typed_at(place: int) -> str:
    """Words that were not said before."""
    return f"Modra{place} škatla{place}, prosim"


def answer_in_quote(ours, place: int) -> bytes:
    """An HTML-only answer to our own mail, all of it in one quote, with words typed behind its element `place`."""
    page = fromstring(ours.get_body(("html",)).get_content())
    blocks = [each for each in page.iter("p", "li", "td") if not next(each.iterancestors("blockquote"), None)]
    if place >= len(blocks):
        return b""
    blocks[place].addnext(fromstring(f"<div>{typed_at(place)}</div>"))
    quoted = "".join(tostring(each, encoding="unicode") for each in page.find("body"))
    mail = message_from_bytes(
        write_mail(f"{place}", "Re: Shoes", In_Reply_To=ours["Message-ID"]), policy=policy.default
    )
    mail.set_content(f"<div>{place}</div>{CITE}<div>{WHEN}</div>{quoted}</blockquote>", subtype="html")
    return mail.as_bytes()


@pytest.mark.slow
def test_in_a_real_mail_of_ours_words_typed_anywhere_are_found_or_said_to_be_there(deliver, store, smtp_server):
    deliver(write_mail("How do I return shoes?", "Shoes"))
    [ours] = smtp_server.got
    places = 0
    while mail := answer_in_quote(ours, places):
        deliver(mail)
        places += 1
    [conversation] = everyone(store)
    told = said(store, conversation.id, "customer")[1:]
    assert places >= 4 and len(told) == places
    for place, text in enumerate(told):
        assert filled(text) in ([str(place), typed_at(place)], [str(place)])
    notes = [m for m in list_messages(store, conversation.id, internal=True) if m.internal and "Original" in m.text]
    found = sum("Modra" in text for text in told)
    assert found + len(notes) == places and found >= places - 2


def test_agents_are_told_that_there_is_more_under_original(deliver, store, offline, answered):
    html = f"<p>Thanks.</p>{CITE}<p>Paket zamuja, pravi kurir.</p></blockquote>"
    mail = message_from_bytes(write_mail("x", "Re: x", In_Reply_To=answered["Message-ID"]), policy=policy.default)
    mail.set_content(html, subtype="html")
    deliver(mail.as_bytes())
    message, note = list_messages(store, offline.id, internal=True)[-2:]
    assert (message.text, message.internal) == ("Thanks.", False)
    assert note.internal and "“Original”" in note.text and ANNA not in note.text
    assert "pravi kurir" in find_original(store, offline.id, message.seq).original
    assert [m.text for m in list_messages(store, offline.id)][-1] == "Thanks."
