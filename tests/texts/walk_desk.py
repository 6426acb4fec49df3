"""How the desk shows a customer of the language that test_fifth_language.py added: run in its copy of the product."""

from __future__ import annotations

from odziv.desk.api.bodies import Language
from odziv.desk.conversation import filling
from odziv.store.conversations.conversation import find_conversation
from tests.desk.conftest import hand_off
from tests.texts.pseudo_greek import CODE, pseudo


def test_a_customer_s_language_is_named_in_the_queue_and_beside_the_conversation(ana, store):
    waiting = hand_off(store, pseudo("A person, please."), language=CODE)
    assert "Greek" in ana.get("/desk/queue").get_data(as_text=True)
    assert "Greek" in ana.get(waiting.path).get_data(as_text=True)


def test_a_saved_reply_names_it_in_every_language(ana, app, store, monkeypatch):
    waiting = hand_off(store, pseudo("A person, please."), language=CODE)
    monkeypatch.setattr(filling, "current_user", ana.agent)
    with app.app_context():
        values = filling.find_values(find_conversation(store, waiting.id))
    named = {language: each["conversation.language"] for language, each in values.items()}
    assert named == {CODE: "Ελληνικά", "sl": "grščina", "hr": "grčki", "pl": "grecki", "en": "Greek"}


def test_programs_may_name_it():
    assert CODE in Language.__args__
