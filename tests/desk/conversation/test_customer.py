"""The customer's panel beside a conversation."""

from __future__ import annotations

import pytest

from odziv.desk.conversation.customer import tell_time
from odziv.desk.frame.labels import to_iso
from odziv.settings.sites import Consent
from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.verified import record_consent
from tests.desk.conftest import hand_off
from tests.desk.conversation.test_conversation import HOSTILE, text_of
from tests.fixtures import set_contact


def test_the_panel_tells_what_is_known(ana, waiting, store):
    browser = {
        "device": "Firefox on Linux",
        "time_zone": "Europe/Ljubljana",
        "title": "Šotori",
        "referrer": "https://x.example/a",
    }
    attributes = {"plan": "gold", "vip": True, "due": 1.5}
    set_contact(store, waiting.id, name="Ana Novak", email="ana@example.com", browser=browser, attributes=attributes)
    page = text_of(ana.get(waiting.path))
    for shown in ("Firefox on Linux", "Europe/Ljubljana", "Šotori", "https://x.example/a", "Only typed, not verified"):
        assert shown in page
    assert 'value="ana@example.com"' in page and "<h2>Ana Novak</h2>" in page
    for pair in ("<dt>plan</dt><dd>gold", "<dt>vip</dt><dd>yes", "<dt>due</dt><dd>1.5"):
        assert pair in page


def test_an_agent_sets_name_and_address(ana, waiting, store):
    assert ana.post(f"{waiting.path}/customer", name=" Ana  Novak ", email="ana@example.com").status_code == 303
    found = find_conversation(store, waiting.id)
    assert (found.name, found.email, found.verified) == ("Ana Novak", "ana@example.com", False)
    answer = text_of(ana.post_fragment(f"{waiting.path}/customer", name="", email=""))
    assert 'id="customer"' in answer and "<html" not in answer
    assert find_conversation(store, waiting.id).name is None


@pytest.mark.parametrize(("name", "email"), [("x" * 121, ""), ("Ana", "nobody"), ("Ana", "a@x.example, b@x.example")])
def test_nonsense_is_refused_and_nothing_changes(ana, waiting, store, name, email):
    assert ana.post(f"{waiting.path}/customer", name=name, email=email).status_code == 422
    found = find_conversation(store, waiting.id)
    assert (found.name, found.email) == (None, None)


def test_whom_the_site_verified_cannot_be_typed_over(ana, waiting, store):
    set_contact(store, waiting.id, email="real@example.com", customer="7", verified=True)
    page = text_of(ana.get(waiting.path))
    assert "Smreka says who this is" in page and 'id="contact-form"' not in page
    assert ana.post(f"{waiting.path}/customer", name="Ana", email="real@example.com").status_code == 409
    assert find_conversation(store, waiting.id).name is None


def test_earlier_conversations_are_linked_and_unsure_ones_say_so(ana, waiting, store):
    before = create_conversation(store, "demo", "sl", email="ana@example.com")
    add_customer_message(store, before.id, "c1", "Kje je šotor?", "x")
    set_contact(store, waiting.id, email="ana@example.com")
    page = text_of(ana.get(f"{waiting.path}/customer"))
    assert f"/desk/conversations/{before.id}" in page and "Kje je šotor?" in page
    assert "Same e-mail address, not verified" in page and "The bot alone" in page


def test_an_open_page_gets_the_panel_only_when_it_changed(ana, waiting, store):
    mark = text_of(ana.get(waiting.path)).split('id="customer" data-mark="')[1][:12]
    assert 'id="customer"' not in text_of(ana.get(f"{waiting.path}/log?after=0&contact={mark}"))
    set_contact(store, waiting.id, name="Ana")
    assert 'id="customer"' in text_of(ana.get(f"{waiting.path}/log?after=0&contact={mark}"))
    assert 'id="customer"' not in text_of(ana.get(f"{waiting.path}/log?after=0&contact=editing"))


def test_nothing_a_customer_or_site_tells_becomes_markup(ana, store):
    waiting = hand_off(store, "x", page="javascript:alert(1)")
    facts = {"device": HOSTILE, "time_zone": HOSTILE, "title": HOSTILE, "referrer": "javascript:alert(1)"}
    set_contact(store, waiting.id, name=HOSTILE, email=HOSTILE, browser=facts, attributes={HOSTILE[:40]: HOSTILE})
    before = create_conversation(store, "demo", "sl", email=HOSTILE)
    add_customer_message(store, before.id, "c1", HOSTILE, "x")
    page = text_of(ana.get(waiting.path))
    assert "<img src=x" not in page and "<script>alert" not in page and 'href="javascript:' not in page


@pytest.mark.parametrize("zone", [None, "", "../../etc/passwd", "Mars/Base", "Europe"])
def test_an_odd_time_zone_has_no_time(zone):
    assert tell_time(zone) is None


@pytest.fixture
def asking(app, settings) -> Consent:
    """What the site asks its customers to agree to."""
    text = {"sl": "Strinjam se <b>z obdelavo</b>.", "hr": "Slažem se.", "pl": "Zgadzam się.", "en": "I agree."}
    consent = Consent(text=text, link="https://smreka.example/privacy")
    site = settings.sites["demo"].model_copy(update={"consent": consent})
    sites = {**settings.sites, "demo": site}
    app.extensions["odziv"].settings = settings.model_copy(update={"sites": sites})
    return consent


def consent_of(page: str) -> str:
    return page.partition('id="consent-heading"')[2].partition("</section>")[0]


def test_the_panel_says_when_which_text_was_agreed_to(ana, waiting, store, asking):
    assert "Not given yet." in consent_of(text_of(ana.get(waiting.path)))
    record_consent(store, waiting.id, asking.version("sl"))
    shown = consent_of(text_of(ana.get(waiting.path)))
    assert "Strinjam se &lt;b&gt;z obdelavo&lt;/b&gt;." in shown and "Slovenian" in shown
    assert asking.version("sl")[:12] in shown and "https://smreka.example/privacy" in shown
    assert to_iso(find_conversation(store, waiting.id).consent_at) in shown


def test_a_text_that_was_changed_since_is_named_by_its_version_alone(ana, waiting, store, asking):
    record_consent(store, waiting.id, "0123456789abcdef<script>")
    shown = consent_of(text_of(ana.get(waiting.path)))
    assert "0123456789ab</code>" in shown and "isn’t shown any more" in shown and "<script" not in shown


def test_where_nothing_was_asked_nothing_is_said_and_what_was_agreed_to_stays_known(ana, waiting, store):
    assert consent_of(text_of(ana.get(waiting.path))) == ""
    record_consent(store, waiting.id, "0123456789abcdef")
    assert "0123456789ab</code>" in consent_of(text_of(ana.get(waiting.path)))
