"""Files in the widget, on a shop's page of another origin under a strict policy, against the real interface."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from odziv.settings import Settings
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import change_owner
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.files import FilesAway
from odziv.store.handoffs.handoff import add_agent_message, list_queue
from odziv.texts import CATALOGUE
from tests.browser.fake_api import Served
from tests.chromium import GIVE_PICTURE, find_serious
from tests.files import HTML, PDF, picture

pytestmark = pytest.mark.browser
TENT = {"name": "tent.png", "mimeType": "image/png", "buffer": picture(size=(600, 400))}
BILL = {"name": "račun.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture(scope="module")
def shop():
    shop = Served()
    yield shop
    shop.close()


@pytest.fixture
def settings(tmp_path, shop) -> Settings:
    return Settings(sites={"demo": {"name": "Smreka", "origins": [shop.url]}}, var=tmp_path / "var")


@pytest.fixture
def served(app, services):
    """The real interface, with a bot that answers at once."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    services.turns.start()
    yield f"http://127.0.0.1:{server.server_port}"
    services.hub.close()
    services.turns.stop()
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, shop, served):  # noqa: F811
    """Opens the chat on the shop's page; a breach of its policy, or an error, fails the test."""
    problems: list[str] = []

    def visit(language: str = "en", **options) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        page = context.new_page()
        page.on("console", lambda line: "Security Policy" in line.text and problems.append(line.text))
        page.goto(f"{shop.url}/bare?server={served}&lang={language}")
        page.locator(".bubble").click()
        expect(page.locator(".attach")).to_be_visible()
        return page

    yield visit
    for context in browser.contexts:
        context.close()
    assert problems == []


def attach(page: Page, *files) -> None:
    page.locator("input[type=file]").set_input_files(list(files))


def ready(page: Page, count: int = 1) -> None:
    expect(page.locator(".over .file:not(.wrong):not(:has(progress))")).to_have_count(count)


def only(store) -> SimpleNamespace:
    """The one conversation there is."""
    with store.read() as connection:
        [row] = connection.exec_driver_sql("SELECT id FROM conversations").all()
    return SimpleNamespace(id=row[0], messages=list_messages(store, row[0]))


def test_files_are_sent_and_seen_under_a_strict_policy_and_after_a_reload(visit, store):
    page = visit()
    attach(page, TENT, BILL)
    ready(page, 2)
    page.locator("textarea").fill("Is this the right tent?")
    page.locator("textarea").press("Enter")
    own = page.locator(".msg.own[data-seq]")
    expect(own.locator("canvas")).to_have_count(1)
    expect(own.get_by_role("button", name="Save račun.pdf, PDF, 1 KB")).to_be_visible()
    expect(page.locator(".over")).to_be_hidden()
    assert [len(m.attachment_ids) for m in only(store).messages][0] == 2
    page.reload()
    expect(page.locator(".msg.own canvas")).to_have_count(1)
    assert page.locator(".msg.own canvas").evaluate(
        "c => c.width === 240 && [...c.getContext('2d').getImageData(120, 80, 1, 1).data].join() === '31,92,74,255'"
    )


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_a_file_alone_gets_an_answer_with_the_way_to_a_person(visit, store, language):
    page = visit(language)
    attach(page, BILL)
    ready(page)
    page.locator("textarea").press("Enter")
    page.locator(".msg.bot .choices .human").click()
    expect(page.locator(".msg.system")).to_be_visible()
    assert [h.conversation_id for h in list_queue(store)] == [only(store).id]
    assert "undefined" not in page.locator(".panel").inner_text()


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_while_files_can_not_be_kept_it_says_so_and_words_go_out(visit, store, monkeypatch, language):
    def fail(*_data: bytes) -> str:
        raise FilesAway("the store of attachments says SlowDown")

    monkeypatch.setattr(store.files, "save", fail)
    page = visit(language)
    attach(page, TENT)
    expect(page.locator(".over .file.wrong")).to_contain_text(CATALOGUE.of("widget", language)["files"]["away"])
    page.locator("textarea").fill("1, 2, 3?")
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.own[data-seq]")).to_have_count(1)
    assert only(store).messages[0].text == "1, 2, 3?"


def test_a_picture_opens_in_a_tab_and_a_pdf_is_saved(visit):
    page = visit()
    attach(page, TENT, BILL)
    ready(page, 2)
    page.locator(".send").click()
    with page.context.expect_page() as opened:
        page.locator(".msg.own[data-seq] .file").first.click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("[document.contentType, document.images[0].naturalWidth]") == ["image/png", 600]
    with page.expect_download() as saved:
        page.locator(".msg.own[data-seq] .file").last.click()
    assert saved.value.suggested_filename == "račun.pdf"


def test_what_an_agent_sends_arrives(visit, store, ana):
    page = visit()
    page.locator("textarea").fill("hello")
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.bot[data-seq]")).to_be_visible()
    conversation = only(store).id
    with store.write() as connection:
        change_owner(connection, conversation, "open", agent_id=ana.id)
    size = {"width": 40, "height": 30}
    sent = add_attachment(store, conversation, picture(), name="map.png", type="image/png", agent_id=ana.id, **size)
    add_agent_message(store, conversation, ana.id, NewMessage("agent", "", "", agent_id=ana.id, attachments=(sent.id,)))
    expect(page.locator(".msg.agent canvas")).to_be_visible()
    expect(page.locator(".msg.agent .body")).to_be_hidden()


def test_what_cant_be_sent_says_why_and_the_rest_goes(visit, store):
    page = visit()
    attach(
        page,
        {"name": "page.html", "mimeType": "text/html", "buffer": HTML},
        {"name": "liar.png", "mimeType": "image/png", "buffer": HTML},
        {"name": "huge.pdf", "mimeType": "application/pdf", "buffer": PDF + b"0" * 10_485_760},
        BILL,
    )
    types = "You can send pictures (PNG, JPEG, GIF, WebP) and PDF."
    expect(page.locator(".over .wrong small")).to_have_text([types, types, "The file is too large."])
    ready(page)
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.own[data-seq] .file")).to_have_count(1)
    expect(page.locator(".over")).to_be_hidden()


def test_a_sixth_is_too_many_and_one_can_be_taken_out(visit):
    page = visit()
    attach(page, *[{**BILL, "name": f"{number}.pdf"} for number in range(6)])
    expect(page.locator(".over .wrong")).to_contain_text("A message can have 5 files at most.")
    ready(page, 5)
    page.get_by_role("button", name="Remove 3.pdf").click()
    ready(page, 4)
    expect(page.locator("textarea")).to_be_focused()


def test_nothing_goes_out_while_a_file_is_on_its_way(visit):
    page, held = visit(), []
    page.route("**/attachments", lambda route: held.append(route))
    attach(page, BILL)
    for _ in range(1000):
        if held:
            break
        page.wait_for_timeout(20)
    expect(page.locator(".over progress")).to_be_visible()
    page.locator("textarea").fill("look")
    page.locator("textarea").press("Enter")
    expect(page.locator("textarea")).to_have_value("look")
    held[0].continue_()
    ready(page)
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.own[data-seq] .file")).to_have_count(1)


def test_an_upload_that_fails_is_said_and_the_words_stay(visit):
    page = visit()
    page.route("**/attachments", lambda route: route.abort())
    attach(page, BILL)
    expect(page.locator(".over .wrong")).to_contain_text("Not uploaded. Please try again.")
    page.locator("textarea").fill("then only words")
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.own[data-seq]")).to_contain_text("then only words")


def test_pasted_and_dropped_pictures_are_attached(visit):
    page = visit()
    page.locator("textarea").evaluate(GIVE_PICTURE, ["paste", list(picture())])
    page.locator(".scroll").evaluate(GIVE_PICTURE, ["drop", list(picture())])
    ready(page, 2)


def test_files_are_swept_with_their_conversation_only(visit, store):
    page = visit()
    attach(page, BILL)
    ready(page)
    assert len(os.listdir(store.files.folder)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_axe(visit, scheme):
    page = visit(color_scheme=scheme)
    attach(page, TENT, BILL)
    ready(page, 2)
    page.locator("textarea").press("Enter")
    expect(page.locator(".msg.own[data-seq] canvas")).to_be_visible()
    attach(page, TENT, {"name": "page.html", "mimeType": "text/html", "buffer": HTML})
    ready(page)
    page.evaluate(
        "document.querySelector('odziv-chat').shadowRoot.querySelector('.panel').getAnimations().map(a => a.finish())"
    )
    assert find_serious(page, "odziv-chat") == []
