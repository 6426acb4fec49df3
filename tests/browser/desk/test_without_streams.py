"""When streams are gone, pages ask: what comes is shown all the same, at the desk and in the widget."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from odziv.chat.json import message_json
from odziv.store.agents.agent import find_agent_by_email, set_disabled
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.web.limits import STREAMS_OF_CONVERSATION, OpenStreams
from tests.browser.desk.test_desk import served  # noqa: F401 (fixture)
from tests.desk.conftest import app, cheap_hashes, folder, hand_off, kb  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


@pytest.fixture
def services(app, kb):  # noqa: F811
    return app.extensions["odziv"]


@pytest.fixture
def asked(app):  # noqa: F811
    """How often each path was asked for, and with what."""
    seen: list[tuple[str, int]] = []

    @app.after_request
    def note(response):
        from flask import request

        seen.append((request.path, response.status_code))
        return response

    return seen


def take_all(services) -> OpenStreams:
    """No stream is left, for anybody; returns what there was."""
    before, services.open_streams = services.open_streams, OpenStreams(0, 100)
    return before


def test_a_desk_without_a_stream_asks_and_streams_again_once_it_can(served, services, store, asked):  # noqa: F811
    places = take_all(services)
    page = served.sign_in("Ana Kovač")
    hand_off(store, "Kje je moj šotor?")
    expect(page.locator("#list")).to_contain_text("Kje je moj šotor?")
    expect(page.locator("#connection")).to_have_text("")
    assert ("/desk/events", 503) in asked and ("/desk/state", 200) in asked
    services.open_streams = places
    page.wait_for_function("document.title.startsWith('(1)')")
    for _ in range(100):
        if places._open:
            break
        page.wait_for_timeout(100)
    assert places._open
    looks = sum(path == "/desk/state" for path, _ in asked)
    hand_off(store, "Je to nujno?")
    expect(page.locator("#list")).to_contain_text("Je to nujno?")
    page.wait_for_timeout(5000)
    assert sum(path == "/desk/state" for path, _ in asked) == looks  # a stream is enough


def test_an_open_conversation_is_followed_without_a_stream_and_gone_when_it_is_deleted(served, services, store):  # noqa: F811
    take_all(services)
    page, waiting = served.sign_in("Ana Kovač"), hand_off(store, "Prosim")
    page.goto(f"{served.url}{waiting.path}")
    with store.write() as connection:
        append_message(connection, waiting.id, NewMessage("customer", "Ste še tam?", "<p>Ste še tam?</p>"))
    expect(page.locator("#log")).to_contain_text("Ste še tam?")
    delete_conversation(store, waiting.id)
    expect(page.locator("#main")).to_contain_text("has been deleted")


def test_who_is_disabled_is_out_without_a_stream_too(served, services, store):  # noqa: F811
    take_all(services)
    page = served.sign_in("Ana Kovač")
    set_disabled(store, find_agent_by_email(store, "ana@smreka.example").id, True)
    expect(page.get_by_label("Password")).to_be_visible()


def open_chat(page: Page, url: str) -> None:
    page.goto(f"{url}/demo/en/")
    page.locator(".bubble").click()
    page.locator("textarea").wait_for()


def begin(page: Page, url: str, store) -> str:
    """A conversation in the widget; returns its id."""
    open_chat(page, url)
    page.locator("textarea").fill("Hello")
    page.keyboard.press("Enter")
    page.locator(".msg.own[data-seq]").wait_for()
    record = page.evaluate("JSON.parse(localStorage.getItem('odziv:demo'))")
    return record["id"]


def say(store, conversation_id: str, text: str) -> None:
    with store.write() as connection:
        message = append_message(connection, conversation_id, NewMessage("bot", text, f"<p>{text}</p>"))
    assert message is None or message_json(message)["text"] == text


def test_a_widget_without_a_stream_asks(served, services, store, browser, asked):  # noqa: F811
    take_all(services)
    page = browser.new_context(locale="en-GB").new_page()
    conversation_id = begin(page, served.url, store)
    for number in range(2):
        say(store, conversation_id, f"Answer {number}")
        expect(page.locator(".log")).to_contain_text(f"Answer {number}", timeout=10_000)
    assert (f"/api/v1/conversations/{conversation_id}/events", 503) in asked
    assert page.locator(".banner:visible").count() == 0  # nothing is wrong, for whoever reads


def test_of_many_tabs_each_gets_what_comes_and_they_don_t_take_turns(served, services, store, browser, asked):  # noqa: F811
    services.open_streams = OpenStreams(50, 40)
    context = browser.new_context(locale="en-GB")
    conversation_id = begin(context.new_page(), served.url, store)
    for _ in range(STREAMS_OF_CONVERSATION + 1):
        open_chat(context.new_page(), served.url)
    context.pages[0].wait_for_timeout(4000)
    tried = sum(path.endswith("/events") for path, _ in asked)
    say(store, conversation_id, "To all of you")
    for page in context.pages:
        expect(page.locator(".log")).to_contain_text("To all of you", timeout=10_000)
    context.pages[0].wait_for_timeout(4000)
    assert sum(path.endswith("/events") for path, _ in asked) - tried <= 2
    assert len(services.open_streams._open) == STREAMS_OF_CONVERSATION
