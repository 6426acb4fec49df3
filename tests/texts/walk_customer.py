"""What a customer reads in the language that test_fifth_language.py added: run in its copy of the product."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import pytest

import odziv
from actions.replies import Replies
from bot.phrasings import read_phrasings
from odziv.mail.service import MailService
from odziv.settings import LANGUAGES, Desk
from odziv.settings.hours import Hours
from odziv.store.conversations.conversation import change_owner, find_conversation
from odziv.store.mail.notifications import ask_for_transcript
from odziv.texts import CATALOGUE
from odziv.texts.moments import own_name
from odziv.texts.small_talk import write_responses
from tests.chat.waiting.test_hours import LJUBLJANA, at
from tests.fakes import HAND_OFF
from tests.fixtures import set_contact
from tests.help.conftest import ReadOnlyKnowledge
from tests.mail.conftest import ANNA, MINUTE_MS, text_of
from tests.texts.pseudo_greek import CODE, pseudo

ARTICLES = Path(__file__).parents[2] / "kb" / "articles"
HOURS = Hours(time_zone=LJUBLJANA, week={"mon-fri": "8:00-16:00"}, languages={CODE: {"week": {"sat": "9:00-12:00"}}})
# Names that are the same in every language, and the codes and own names in a choice of languages.
NAMES = {"Smreka", "Ana", "support", "smreka", "example", "CET", "UTC", "EET"}
SWITCH = {word for code in LANGUAGES for word in (code.upper(), own_name(code))}
DATA = "hint|none|thanks|thanks-no|sent|failed|often"  # what the help centre's script says
ATTRIBUTES = rf'\b(?:alt|title|aria-label|placeholder|content|data-(?:{DATA}))="([^"]*)"'
UNSEEN = re.compile(r'<(script|style)\b.*?</\1>|<meta (?!name="description")[^>]*>', re.DOTALL)


def read(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def foreign(text: str, *known: str) -> set[str]:
    """The words in Latin letters, but for names and addresses."""
    plain = re.sub(r"https?://\S+|[\w.+-]+@[\w.-]+", " ", text)
    return set(re.findall(r"[A-Za-zÀ-ž]{2,}", plain)) - NAMES - set(known)


def shown(page: str) -> str:
    """What a page says to who sees or hears it."""
    seen = UNSEEN.sub(" ", page)
    return html.unescape(" ".join([re.sub(r"<[^>]*>", " ", seen), *re.findall(ATTRIBUTES, seen)]))


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": Desk(hours=HOURS, undo_seconds=0, agent_languages=(CODE,))})


@pytest.fixture
def kb(services, tmp_path) -> ReadOnlyKnowledge:
    services.knowledge.kb = ReadOnlyKnowledge(Path(shutil.copytree(ARTICLES, tmp_path / "articles")))
    return services.kb


@pytest.fixture
def handed_off(open_conversation, services, run_turns, store):
    """A customer asked for a person on a Monday evening."""
    store.clock.now = at("2026-11-23 17:00")
    services.bot.says = HAND_OFF
    visitor = open_conversation(language=CODE)
    visitor.say(pseudo("A person, please."))
    run_turns()
    return visitor


def test_this_is_the_copy_and_it_has_the_language():
    assert Path(odziv.__file__).is_relative_to(Path.cwd()) and CODE in LANGUAGES and len(LANGUAGES) == 5


def test_a_conversation_with_notices(handed_off):
    log = handed_off.log()
    assert log["conversation"]["language"] == CODE
    said = [message["text"] for message in log["messages"]]
    assert len(said) == 2 and foreign("\n".join(said)) == set()
    assert pseudo("passing you to a colleague") in said[-1] and "28 Νοεμβρίου" in said[-1] and "9:00" in said[-1]


def test_that_the_bot_fails_is_told_in_it(open_conversation, services, run_turns):
    services.bot.fail()
    visitor = open_conversation(language=CODE)
    visitor.say(pseudo("Where is my parcel?"))
    run_turns()
    assert len(visitor.messages()) == 2 and foreign(visitor.messages()[-1]["text"]) == set()


def test_every_notice_and_reply_is_its_own():
    for subject in ("notices", "replies", "mail", "transcript"):
        own, english = CATALOGUE.of(subject, CODE), CATALOGUE.of(subject, "en")
        assert [key for key, text in own.items() if text and text == english[key]] == []


def test_an_answer_carries_its_buttons_and_names_another_language(kb):
    replies = Replies(kb)
    payload = replies.chosen("orders/return", CODE)
    assert foreign(payload["text"] + " ".join(button["title"] for button in payload["buttons"])) == set()

    (kb.folder / CODE / "orders" / "return.md").unlink()
    kb.refresh()
    lent = replies.chosen("orders/return", CODE)
    assert lent["answer"]["language"] != CODE and foreign(lent["text"].split("\n")[0]) == set()


def test_the_widget_speaks_it_from_its_bubble_to_its_last_module(client):
    loader = read(client, "/widget.js")
    folder = re.search(r'"(widget/[0-9a-f]{20}/)"', loader)[1]
    assert pseudo("Open chat") in loader
    own = read(client, f"/{folder}texts/{CODE}.js")
    texts = [json.loads(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', own)]
    assert texts and all(foreign(re.sub(r"\{\w+\}", "", text)) == set() for text in texts)
    for section, texts in CATALOGUE.of("widget", CODE).items():
        module = {"main": f"texts/{CODE}", "loader": ""}.get(section, section)
        script = read(client, f"/{folder}{module}.js") if module else loader
        assert all(text in html.unescape(script.replace('\\"', '"')) for text in texts.values()), section
    assert CODE in client.get("/api/v1/sites/demo").get_json()["site"]["languages"]


@pytest.mark.parametrize("path", ["", "orders/", "orders/return", "search?q=ζζζ", "search"])
def test_the_help_centre(client, kb, path):
    page = read(client, f"/help/{CODE}/{path}")
    assert f'<html lang="{CODE}">' in page and 'content="el_GR"' in page
    assert foreign(shown(page)) <= SWITCH


def test_what_the_help_centre_does_not_have_is_said_in_it(client, kb):
    assert foreign(shown(read(client, f"/help/{CODE}/no/such", 404))) <= SWITCH


def test_the_demo_shop(client):
    page = shown(read(client, f"/demo/{CODE}/"))
    assert own_name(CODE) == "Ελληνικά" and own_name(CODE) in page
    assert foreign(page) <= SWITCH


def test_a_mail_and_the_transcript(handed_off, mail_service: MailService, smtp_server, store, ana, answer, clock):
    set_contact(store, handed_off.id, email=ANNA)
    with store.write() as connection:
        change_owner(connection, handed_off.id, "open", agent_id=ana.id)
    answer(handed_off.id, pseudo("It is on its way."))
    clock.advance(MINUTE_MS)
    mail_service.outbound.work_off()
    [mail] = smtp_server.got
    assert foreign(f"{mail['Subject']} {text_of(mail)}") == set() and "23 Νοεμβρίου 2026" in text_of(mail)
    assert foreign(shown(mail.get_body(("html",)).get_content())) == set()
    told = handed_off.client.get(f"{handed_off.path}/transcript?timezone=Europe/Athens", headers=handed_off.headers)
    assert foreign(told.get_data(as_text=True)) == set()
    set_contact(store, handed_off.id, verified=True)
    assert ask_for_transcript(store, handed_off.id, ANNA)
    mail_service.outbound.work_off()
    transcript = smtp_server.got[-1]
    assert transcript is not mail and foreign(f"{transcript['Subject']} {text_of(transcript)}") == set()
    assert find_conversation(store, handed_off.id).language == CODE


def test_its_small_talk_is_rasas_for_it():
    said = [each for each in write_responses()["utter_greet"] if each.get("condition", [{}])[0].get("value") == CODE]
    assert said and foreign(" ".join(each["text"] for each in said)) == set()


def test_its_articles_phrasings_are_examples_too():
    assert len(list(read_phrasings(ARTICLES / CODE))) > 10
