"""Sites that ask for consent get it before anything is kept, and a record of it."""

from __future__ import annotations

import io

import pytest
from pydantic import ValidationError

from odziv.settings import Settings, Site
from odziv.settings.sites import Consent
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.schema import attachments
from tests.files import bomb, form, picture

TEXTS = {language: f"We keep what you write ({language})." for language in ("sl", "hr", "pl", "en")}


@pytest.fixture
def consent(services, settings) -> Consent:
    """What the site `demo` asks for."""
    site = Site(name="Demo", consent={"text": TEXTS, "link": "https://shop.example/privacy"})
    services.settings = settings.model_copy(update={"sites": {**settings.sites, "demo": site}})
    return site.consent


def begin(client, **body):
    return client.post("/api/v1/conversations", json={"site": "demo", **body})


def code(answer) -> str:
    return answer.get_json()["error"]["code"]


def send_file(visitor, data: bytes | None = None):
    body = form(picture() if data is None else data, "tent.png", "image/png")
    return visitor.client.post(f"{visitor.path}/attachments", headers=visitor.headers, **body)


def kept_files(store) -> list[str]:
    """Their names, in the database and on the disk."""
    with store.read() as connection:
        rows = connection.execute(attachments.select()).all()
    folder = store.files.folder
    found = [path.name for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    assert len(found) == len(rows)
    return found


def test_pages_learn_what_to_show(client, consent):
    told = client.get("/api/v1/sites/demo").get_json()["site"]["consent"]
    assert told == {"text": TEXTS, "link": "https://shop.example/privacy", "versions": consent.versions}
    assert len(set(consent.versions.values())) == 4


@pytest.mark.parametrize("given", [None, "", "yes", "0" * 64])
def test_nothing_is_kept_without_it(client, consent, given):
    answer = begin(client, consent=given)
    assert (answer.status_code, code(answer)) == (403, "consent_needed")


def test_when_and_to_what_is_kept(client, store, consent, open_conversation):
    visitor = open_conversation(consent=consent.version("pl"))
    kept = find_conversation(store, visitor.id)
    assert kept.consent_text == consent.version("pl")
    assert abs(kept.consent_at - kept.created_at) < 1000
    assert visitor.say("hello").status_code == 201


def test_a_conversation_from_before_has_to_ask(services, client, store, consent, open_conversation):
    services.settings, asking = Settings(sites={"demo": {"name": "Demo"}}, var=services.settings.var), services.settings
    visitor = open_conversation()
    visitor.say("one", "c1")
    services.settings = asking
    assert code(visitor.say("two", "c2")) == "consent_needed"
    assert code(client.patch(visitor.path, json={"consent": "no"}, headers=visitor.headers)) == "consent_needed"
    assert find_conversation(store, visitor.id).consent_at is None
    assert (
        client.patch(visitor.path, json={"consent": consent.version("en")}, headers=visitor.headers).status_code == 200
    )
    first = find_conversation(store, visitor.id).consent_at
    assert visitor.say("two", "c2").status_code == 201
    client.patch(visitor.path, json={"consent": consent.version("sl")}, headers=visitor.headers)
    kept = find_conversation(store, visitor.id)
    assert (kept.consent_at, kept.consent_text) == (first, consent.version("en"))


def test_no_file_is_kept_without_it(services, client, store, consent, open_conversation):
    services.settings, asking = Settings(sites={"demo": {"name": "Demo"}}, var=services.settings.var), services.settings
    visitor = open_conversation()
    services.settings = asking
    version = consent.version("en")
    for query, headers, claimed in [
        ("", {}, {}),
        (f"?consent={version}", {}, {}),
        ("", {"Consent": version, "X-Consent": version}, {}),
        ("", {}, {"consent": version}),
        ("", {}, {"consent": "true", "consent_at": "1", "consent_text": version}),
    ]:
        body = {"file": (io.BytesIO(picture()), "tent.png"), **claimed}
        answer = client.post(f"{visitor.path}/attachments{query}", headers={**visitor.headers, **headers}, data=body)
        assert (answer.status_code, code(answer)) == (403, "consent_needed")
    client.patch(visitor.path, json={"consent": "0" * 64}, headers=visitor.headers)
    assert code(send_file(visitor)) == "consent_needed"
    assert kept_files(store) == []
    client.patch(visitor.path, json={"consent": version}, headers=visitor.headers)
    assert send_file(visitor).status_code == 201
    assert len(kept_files(store)) == 1


def test_damaged_and_huge_files_are_not_even_looked_at_without_it(services, client, store, consent, open_conversation):
    services.settings, asking = Settings(sites={"demo": {"name": "Demo"}}, var=services.settings.var), services.settings
    visitor = open_conversation()
    services.settings = asking
    for data in (b"", b"<script>", bomb(), b"%PDF-" + b"x" * 11_000_000):
        assert code(send_file(visitor, data)) == "consent_needed"
    assert kept_files(store) == []


def test_another_sites_text_doesnt_count(services, client, consent):
    other = Consent(text={"en": "Something else."})
    assert code(begin(client, consent=other.version("en"))) == "consent_needed"


def test_a_changed_text_has_another_version(consent):
    assert Consent(text=TEXTS).version("en") != consent.version("en")
    assert Consent(text={"en": TEXTS["en"] + " "}).version("en") != Consent(text={"en": TEXTS["en"]}).version("en")


def test_sites_that_dont_ask_take_no_notice(client, store, visitor):
    assert begin(client, consent="anything").status_code == 201
    assert client.patch(visitor.path, json={"consent": "x"}, headers=visitor.headers).status_code == 200
    assert find_conversation(store, visitor.id).consent_at is None


def test_the_check_at_the_start_needs_none(store, consent):
    assert create_conversation(store, "_check", "en").consent_at is None


BAD = [
    {"text": {}},
    {"text": {"de": "x"}},
    {"text": {"en": ""}},
    {"text": {"en": "x" * 2001}},
    {"text": {"en": "x"}, "link": "javascript:alert(1)"},
]


@pytest.mark.parametrize("given", BAD)
def test_bad_settings(given):
    with pytest.raises(ValidationError):
        Consent.model_validate(given)


def test_a_language_without_the_text_stops_the_start(tmp_path):
    with pytest.raises(ValidationError, match="consent.text lacks hr"):
        Settings(sites={"a": {"name": "A", "consent": {"text": {"en": "x", "sl": "x"}}}}, var=tmp_path)
    Settings(sites={"a": {"name": "A", "languages": ["en"], "consent": {"text": {"en": "x"}}}}, var=tmp_path)
