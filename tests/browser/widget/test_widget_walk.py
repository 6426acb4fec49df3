"""A customer's way through the whole widget, in each language at both sizes: another origin, the strictest policy.

The interface is the real one with the shipped articles; only the bot's words are given. What goes wrong on the way,
offline or refused, is tested one by one elsewhere.
"""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from odziv.settings import Settings
from odziv.settings.mail import MailSettings
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import add_agent_message
from odziv.store.mail.notifications import TRANSCRIPT
from odziv.store.schema import article_feedback, conversations, notifications, ratings
from tests.browser.fake_api import Served
from tests.browser.widget.test_widget import write
from tests.browser.widget.test_widget_for_everyone import DESKTOP, PHONE, picture
from tests.fakes import HAND_OFF
from tests.files import picture as drawn
from tests.fixtures import set_contact
from tests.help.conftest import ReadOnlyKnowledge

pytestmark = pytest.mark.browser
ARTICLES = Path(__file__).parents[3] / "kb" / "articles"
TENT = {"name": "šotor.png", "mimeType": "image/png", "buffer": drawn(size=(600, 400))}
MAIL = {"address": "help@smreka.example", "smtp": {"host": "127.0.0.1", "port": 25, "security": "none"}}
BREACHES = """window.breaches = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  breaches.push(`${violatedDirective} ${blockedURI}`);
});"""

WORDS = {
    "sl": {
        "open": "Odprite klepet", "greeting": "Sem digitalni pomočnik.", "most": "Najpogostejša vprašanja",
        "find": "Poiščite odgovor", "typed": "vračilo", "helpful": "Vam je članek pomagal?", "yes": "Da",
        "thanks": "Hvala, to nam pomaga.", "back": "Nazaj", "asked": "Kako vrnem šotor?",
        "answer": "Izdelek lahko vrnete v 30 dneh.", "card": "Preberite cel članek", "person": "Pogovor s sodelavcem",
        "wanted": "Prosim, povežite me s sodelavcem.", "queued": "Čakate na sodelavca", "with": "Z vami je Ana",
        "closed": "Pogovor je zaključen", "score": "4 od 5", "rated": "Hvala za oceno.", "keep": "Shranite pogovor",
        "mail": "Pošljite na ana@primer.si", "send": "Pošljite", "sent": "Pogovor je na poti na ana@primer.si.",
        "menu": "Več možnosti", "forget": "Izbrišite moje podatke", "all": "Izbrišite vse",
        "gone": "Izbrisano. Vsega, kar ste nam tu napisali, ni več.",
    },
    "hr": {
        "open": "Otvorite razgovor", "greeting": "Ja sam digitalni asistent.", "most": "Najčešća pitanja",
        "find": "Potražite odgovor", "typed": "povrat", "helpful": "Je li vam članak pomogao?", "yes": "Da",
        "thanks": "Hvala, to nam pomaže.", "back": "Natrag", "asked": "Kako mogu vratiti šator?",
        "answer": "Proizvod možete vratiti u roku od 30 dana.", "card": "Pročitajte cijeli članak",
        "person": "Razgovor s djelatnikom", "wanted": "Molim vas, povežite me s djelatnikom.",
        "queued": "Čekate djelatnika", "with": "S vama je Ana", "closed": "Razgovor je završen", "score": "4 od 5",
        "rated": "Hvala na ocjeni.", "keep": "Spremite razgovor", "mail": "Pošaljite na ana@primer.si",
        "send": "Pošaljite", "sent": "Razgovor je na putu na ana@primer.si.", "menu": "Više mogućnosti",
        "forget": "Izbrišite moje podatke", "all": "Izbrišite sve",
        "gone": "Izbrisano. Ničega što ste nam ovdje napisali više nema.",
    },
    "pl": {
        "open": "Otwórz czat", "greeting": "Jestem wirtualnym asystentem.", "most": "Najczęstsze pytania",
        "find": "Znajdź odpowiedź", "typed": "zwrot", "helpful": "Czy ten artykuł pomógł?", "yes": "Tak",
        "thanks": "Dziękujemy, to nam pomaga.", "back": "Wstecz", "asked": "Jak zwrócić namiot?",
        "answer": "Produkt można zwrócić w ciągu 30 dni.", "card": "Przeczytaj cały artykuł",
        "person": "Rozmowa z konsultantem", "wanted": "Proszę o połączenie z konsultantem.",
        "queued": "Oczekiwanie na konsultanta", "with": "Rozmawia z Państwem Ana", "closed": "Rozmowa zakończona",
        "score": "4 z 5", "rated": "Dziękujemy za ocenę.", "keep": "Zapisz rozmowę",
        "mail": "Wyślij na adres ana@primer.si", "send": "Wyślij",
        "sent": "Rozmowa jest już w drodze na adres ana@primer.si.", "menu": "Więcej opcji",
        "forget": "Usuń moje dane", "all": "Usuń wszystko",
        "gone": "Usunięto. Nie ma już niczego, co Państwo tu napisali.",
    },
    "en": {
        "open": "Open chat", "greeting": "I'm the digital assistant.", "most": "Most asked",
        "find": "Search for an answer", "typed": "return", "helpful": "Did this article help?", "yes": "Yes",
        "thanks": "Thank you, that helps us.", "back": "Back", "asked": "How do I return a tent?",
        "answer": "You can return an item within 30 days.", "card": "Read the whole article",
        "person": "Talk to a person", "wanted": "I'd like to talk to a person, please.",
        "queued": "Waiting for a person", "with": "Ana is with you", "closed": "Conversation closed",
        "score": "4 of 5", "rated": "Thank you for your rating.", "keep": "Save the conversation",
        "mail": "Send to ana@primer.si", "send": "Send", "sent": "The conversation is on its way to ana@primer.si.",
        "menu": "More options", "forget": "Delete my data", "all": "Delete everything",
        "gone": "Deleted. Nothing you wrote to us here is left.",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def shop():
    """Pages of the website, on an origin of their own."""
    shop = Served()
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> ReadOnlyKnowledge:
    """The articles that come with Odziv."""
    folder = tmp_path_factory.mktemp("kb") / "articles"
    shutil.copytree(ARTICLES, folder)
    return ReadOnlyKnowledge(folder)


@pytest.fixture
def settings(tmp_path, shop) -> Settings:
    sites = {"demo": {"name": "Smreka", "origins": [shop.url]}}
    return Settings(sites=sites, var=tmp_path / "var", desk={"undo_seconds": 0}, mail=MailSettings.model_validate(MAIL))


@pytest.fixture
def server(app, services, shipped):
    """The real interface; the bot answers in the customer's language, and hands off who asks for a person."""

    def says(kind: str, conversation: str, text: str, language: str) -> list[dict]:
        words = WORDS[language]
        if text == words["wanted"]:
            return HAND_OFF
        found = shipped.article("orders/return", language)
        url = f"/help/{language}/orders/return"
        answer = {"article": found.id, "language": language, "title": found.title, "url": url, "confidence": 0.95}
        return [{"custom": {"text": words["answer"], "buttons": [], "answer": answer, "considered": []}}]

    services.knowledge.kb, services.bot.says = shipped, says
    services.store.mail_domain = services.settings.mail.domain
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    services.turns.start()
    yield f"http://127.0.0.1:{server.server_port}"
    services.hub.close()
    services.turns.stop()
    server.shutdown()
    server.server_close()


def count(store, table) -> int:
    with store.read() as connection:
        return len(connection.execute(table.select()).all())


def the_conversation(store) -> str:
    with store.read() as connection:
        return connection.execute(conversations.select()).one().id


@pytest.mark.parametrize("options", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", WORDS)
def test_from_the_greeting_to_forget_me(browser, shop, server, shipped, store, ana, language, options):
    problems: list[str] = []
    context = browser.new_context(**options, reduced_motion="reduce")
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    page.on("console", lambda line: line.type == "error" and problems.append(line.text))
    page.add_init_script(BREACHES)
    page.goto(f"{shop.url}/bare?server={server}&lang={language}")
    is_phone = options is PHONE
    for step in (find_and_read, ask, show, be_helped, judge, take_along, be_forgotten):
        step(page, WORDS[language], language, store, ana, is_phone, shipped)
        assert "undefined" not in page.locator(".panel").inner_text(), step.__name__
        picture(page, f"walk-{step.__name__}-{language}-{'phone' if is_phone else 'desktop'}")
    breaches = page.evaluate("breaches")
    context.close()
    assert problems == [] and breaches == []


def find_and_read(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """Greeting, the most asked, search, an article and a vote: nothing of it is kept of the customer."""
    page.get_by_role("button", name=words["open"]).click()
    expect(page.locator(".msg.bot")).to_contain_text(words["greeting"])
    expect(page.locator(".home .label")).to_have_text(words["most"])
    expect(page.locator(".home .rows button")).to_have_count(5)
    finder = page.get_by_role("combobox", name=words["find"])
    finder.click()
    finder.press_sequentially(words["typed"])
    title = shipped.article("orders/return", language).title
    page.locator(".hits li b").get_by_text(title, exact=True).click()
    expect(page.locator(".screen-head h3")).to_have_text(title)
    expect(page.locator(".verdict h4")).to_have_text(words["helpful"])
    page.locator(".verdict").get_by_role("button", name=words["yes"], exact=True).click()
    expect(page.locator(".verdict [role=status]")).to_have_text(words["thanks"])
    assert count(store, article_feedback) == 1 and count(store, conversations) == 0
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.get_by_role("button", name=words["back"], exact=True).click()


def ask(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """A question and its answer, with the card of the article."""
    write(page, words["asked"])
    expect(page.locator(".msg.bot[data-seq] .body")).to_have_text(words["answer"])
    expect(page.locator(".msg.bot .card")).to_contain_text(words["card"])


def show(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """A picture, with an emoji where the keyboard has none of its own."""
    expect(page.get_by_role("button", name="Emoji")).to_have_count(0 if is_phone else 1)
    if not is_phone:
        page.get_by_role("button", name="Emoji").click()
        page.locator(".faces button").first.click()
        expect(page.locator("textarea")).to_have_value("🙂")
    page.locator("input[type=file]").set_input_files([TENT])
    expect(page.locator(".over .file:not(.wrong):not(:has(progress))")).to_have_count(1)
    page.get_by_role("button", name=words["send"], exact=True).click()
    expect(page.locator(".own[data-seq] canvas")).to_be_visible()
    expect(page.locator(".msg.bot[data-seq]")).to_have_count(2)


def be_helped(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """A person is asked for, comes, and answers."""
    page.locator(".person", has_text=words["person"]).click()
    expect(page.locator(".own[data-seq]").last).to_contain_text(words["wanted"])
    expect(page.locator(".status")).to_have_text(words["queued"])
    conversation = the_conversation(store)
    with store.write() as connection:
        change_owner(connection, conversation, "open", agent_id=ana.id)
    expect(page.locator(".status")).to_have_text(words["with"])
    add_agent_message(store, conversation, ana.id, NewMessage("agent", words["answer"], "", agent_id=ana.id))
    expect(page.locator(".msg.agent")).to_contain_text(words["answer"])
    expect(page.locator(".person")).to_be_hidden()  # one is there


def judge(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """It is over: a tap for the person."""
    with store.write() as connection:
        change_owner(connection, the_conversation(store), "resolved", agent_id=None)
    expect(page.locator(".status")).to_have_text(words["closed"])
    expect(page.locator(".rate")).to_have_count(2)
    page.locator(".rate").first.get_by_role("button", name=words["score"]).click()
    expect(page.locator(".rate [role=status]").first).to_have_text(words["rated"])
    assert count(store, ratings) == 1


def take_along(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """The transcript, by e-mail to the address the site verified."""
    set_contact(store, the_conversation(store), email="ana@primer.si", verified=True)
    page.get_by_role("button", name=words["keep"]).click()
    expect(page.locator(".transcript textarea")).to_have_value(re.compile(re.escape(words["asked"])))
    page.get_by_role("button", name=words["mail"]).click()
    expect(page.locator(".transcript [role=status]")).to_have_text(words["sent"])
    with store.read() as connection:
        kinds = [row.kind for row in connection.execute(notifications.select()).all()]
    assert kinds == [TRANSCRIPT]
    page.get_by_role("button", name=words["back"], exact=True).click()


def be_forgotten(page: Page, words: dict, language, store, ana, is_phone, shipped) -> None:
    """Deleted here and there, and said so."""
    page.get_by_role("button", name=words["menu"]).click()
    page.get_by_role("button", name=words["forget"]).click()
    page.get_by_role("button", name=words["all"]).click()
    expect(page.locator(".menu p", has_text=words["gone"])).to_be_visible()
    assert count(store, conversations) == 0
    assert page.evaluate("localStorage.length") == 0
