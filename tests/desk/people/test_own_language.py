"""An agent chooses the language of the desk: on the account page, or by their browser."""

from __future__ import annotations

import re

import pytest

from odziv.desk.frame import language
from odziv.store.agents.agent import find_agent
from tests.texts.desk_catalogues import write_catalogue

TEXTS = """
msgid "Language"
msgstr "Jezik"

msgid "Saved: this is how the desk speaks to you now."
msgstr "Shranjeno."

#: odziv/desk/static/frame/desk.js
msgid "The customer is typing…"
msgstr "Stranka piše …"
"""


@pytest.fixture(autouse=True)
def slovenian(monkeypatch, tmp_path):
    write_catalogue(monkeypatch, tmp_path, "sl", TEXTS)
    for name in ("_script", "_version"):
        monkeypatch.setattr(language, name, getattr(language, name).__wrapped__)
    monkeypatch.setattr(language, "texts_of_scripts", language.catalogues.texts_of_scripts)


def lang_of(response) -> str:
    return re.search(r'<html lang="(\w+)">', response.text)[1]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("sl", "sl"),
        ("sl-SI,sl;q=0.9,en;q=0.8", "sl"),
        ("de,en;q=0.5,sl;q=0.4", "en"),
        ("de", "en"),
        ("pl", "en"),
        ("", "en"),
    ],
)
def test_before_anybody_signs_in_it_is_the_browsers(client, asked, spoken):
    assert lang_of(client.get("/desk/sign-in", headers={"Accept-Language": asked})) == spoken


def test_an_agent_chooses_whatever_the_browser_asks_for(ana, store):
    assert lang_of(ana.get("/desk/account", **{"Accept-Language": "en"})) == "en"
    after = ana.client.get(ana.post("/desk/account/language", language="sl").location)
    assert lang_of(after) == "sl" and "Shranjeno." in after.text and ">Jezik<" in after.text
    assert find_agent(store, ana.agent.id).language == "sl"
    assert lang_of(ana.get("/desk/queue", **{"Accept-Language": "en"})) == "sl"


def test_an_agent_goes_back_to_what_the_browser_asks_for(ana, store):
    ana.post("/desk/account/language", language="sl")
    ana.post("/desk/account/language", language="")
    assert find_agent(store, ana.agent.id).language is None
    assert lang_of(ana.get("/desk/queue", **{"Accept-Language": "en"})) == "en"


@pytest.mark.parametrize("wanted", ["pl", "de", "sl; DROP TABLE agents", "../sl"])
def test_a_language_that_isnt_offered_is_refused(ana, store, wanted):
    assert ana.post("/desk/account/language", language=wanted).status_code == 400
    assert find_agent(store, ana.agent.id).language is None


def test_one_language_after_another_in_the_same_thread(ana, marek, client):
    ana.post("/desk/account/language", language="sl")
    assert [lang_of(each.get("/desk/queue")) for each in (ana, marek, ana)] == ["sl", "en", "sl"]
    assert lang_of(client.get("/desk/sign-in")) == "en"


def test_nothing_of_it_is_left_after_the_page(ana):
    ana.post("/desk/account/language", language="sl")
    assert language.spoken() == "en"


def test_scripts_have_their_texts_beside_the_page(ana, client):
    assert "/desk/texts/" not in ana.get("/desk/queue").text
    ana.post("/desk/account/language", language="sl")
    url = re.search(r'<script src="(/desk/texts/sl-\w{12}\.js)" type="module">', ana.get("/desk/queue").text)[1]
    script = client.get(url)
    assert script.text == 'globalThis.deskTexts = {"The customer is typing…": "Stranka piše …"};\n'
    assert script.mimetype == "text/javascript" and "immutable" in script.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["sl-000000000000", "en-000000000000", "pl-000000000000", "..%2fsl-0"])
def test_other_texts_there_are_none(client, name):
    assert client.get(f"/desk/texts/{name}.js").status_code in {303, 404}
