"""Files at the desk and in the widget, in a real Chromium: chosen, pasted, dropped, shown, opened, refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.messages import add_customer_message, list_messages
from tests.browser.desk.test_desk import PHONE, WIDE, app, cheap_hashes, served  # noqa: F401 (fixtures)
from tests.chromium import GIVE_PICTURE, check
from tests.desk.conftest import hand_off
from tests.files import HTML, PDF, picture

pytestmark = pytest.mark.browser
TENT = {"name": "tent.png", "mimeType": "image/png", "buffer": picture(size=(600, 400))}
BILL = {"name": "račun.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def ana(served, store):  # noqa: F811
    """Ana at her desk, with a customer's conversation open that has two files in it."""
    waiting = hand_off(store, "Kje je moj paket?")
    files = [
        add_attachment(
            store, waiting.id, picture("JPEG", (900, 1200)), name="photo.jpg", type="image/jpeg", width=900, height=1200
        ),
        add_attachment(store, waiting.id, PDF, name="racun-2026-11.pdf", type="application/pdf"),
    ]
    add_customer_message(store, waiting.id, "f1", "", "", attachments=tuple(file.id for file in files))
    page = served.sign_in("Ana Kovač")
    page.problems = []
    page.on("console", lambda line: line.type == "error" and page.problems.append(line.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.locator(f"#take-{waiting.handoff}").click()
    expect(page.locator("#foot")).to_have_attribute("data-mode", "holder")
    page.wait_for_load_state("load")
    page.conversation = waiting.id
    yield page


def attach(page, *files) -> None:
    page.locator("#attach-input").set_input_files(list(files))


def test_files_go_out_with_a_reply_and_show_as_thumbnails(ana, store):
    attach(ana, TENT, BILL)
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(2)
    expect(ana.locator(".attach-thumb")).to_have_count(1)
    ana.locator("#text").fill("Izvolite.")
    ana.locator("#text").press("Control+Enter")
    reply = ana.locator(".message.agent").last
    expect(reply.locator(".attachment-name")).to_have_text(["tent.png", "račun.pdf"])
    expect(ana.locator("#attach")).to_be_hidden()
    assert reply.locator("img").evaluate("async image => { await image.decode(); return image.naturalWidth }") == 600
    ana.locator("#text").fill("Brez datotek.")
    ana.locator("#text").press("Control+Enter")
    expect(ana.locator(".message.agent").last).to_contain_text("Brez datotek.")
    assert [len(m.attachment_ids) for m in list_messages(store, ana.conversation)][-2:] == [2, 0]
    assert ana.problems == []


def test_a_file_alone_is_sent_by_the_keyboard(ana, store):
    attach(ana, BILL)
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)
    ana.locator("#text").press("Control+Enter")
    expect(ana.locator(".message.agent").last.locator(".attachment-name")).to_have_text("račun.pdf")
    assert list_messages(store, ana.conversation)[-1].text == ""


def test_a_pasted_and_a_dropped_picture_are_attached(ana):
    ana.locator("#text").evaluate(GIVE_PICTURE, ["paste", list(picture())])
    ana.locator("#log").evaluate(GIVE_PICTURE, ["drop", list(picture())])
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(2)
    ana.get_by_role("button", name="Remove paste.png").click()
    expect(ana.locator(".attach-item .attachment-name")).to_have_text("drop.png")
    expect(ana.locator("#text")).to_be_focused()


def test_what_cant_be_sent_says_why_and_doesnt_stop_the_rest(ana):
    attach(
        ana,
        {"name": "page.html", "mimeType": "text/html", "buffer": HTML},
        {"name": "liar.png", "mimeType": "image/png", "buffer": HTML},
        {"name": "huge.pdf", "mimeType": "application/pdf", "buffer": PDF + b"0" * 10_485_760},
        BILL,
    )
    expect(ana.locator(".attach-problem")).to_have_text(
        [
            "Only pictures (PNG, JPEG, GIF, WebP) and PDF can be sent.",
            "Pictures (PNG, JPEG, GIF, WebP) and PDF can be sent, nothing else.",
            "Too large: a file can have 10 MB.",
        ]
    )
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)
    ana.get_by_role("button", name="Send").click()
    expect(ana.locator(".message.agent").last.locator(".attachment-name")).to_have_text("račun.pdf")
    expect(ana.locator(".attach-item")).to_have_count(0)


def test_nothing_goes_out_before_the_upload_is_done(ana, store):
    held = []
    ana.route("**/attachments", lambda route: held.append(route))
    attach(ana, BILL)
    ana.locator("#text").fill("Izvolite.")
    ana.locator("#text").press("Control+Enter")
    expect(ana.locator("#alerts")).to_contain_text("still being uploaded")
    expect(ana.get_by_role("progressbar", name="Uploading račun.pdf")).to_be_visible()
    held[0].continue_()
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)
    ana.locator("#text").press("Control+Enter")
    expect(ana.locator(".message.agent").last.locator(".attachment-name")).to_have_text("račun.pdf")


def test_what_is_being_attached_survives_a_change_of_hands(ana, store):
    attach(ana, BILL)
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)
    ana.locator("#foot").evaluate("foot => foot.dataset.mode = 'bot'")
    add_customer_message(store, ana.conversation, "c7", "Halo?", "<p>Halo?</p>")
    expect(ana.locator("#foot")).to_have_attribute("data-mode", "holder")
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(1)


def test_a_picture_opens_in_a_tab_of_its_own_and_a_pdf_is_saved(ana):
    with ana.context.expect_page() as opened:
        ana.locator(".message.customer .attachment").first.click()
    tab = opened.value
    tab.wait_for_load_state("load")
    assert tab.evaluate("document.contentType") == "image/jpeg"
    assert tab.evaluate("window.origin") == "null"  # the sandbox: nothing in it is ours
    with ana.expect_download() as saved:
        ana.locator(".message.customer .attachment").last.click()
    assert saved.value.suggested_filename == "racun-2026-11.pdf"


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_too_wide(ana, served, viewport, scheme):  # noqa: F811
    ana.set_viewport_size(viewport)
    ana.emulate_media(color_scheme=scheme)
    attach(ana, TENT, {"name": "page.html", "mimeType": "text/html", "buffer": HTML}, BILL)
    expect(ana.locator(".attach-item input[type=hidden]")).to_have_count(2)
    check(ana)
    ana.goto(f"{served.url}/desk/account")
    expect(ana.get_by_role("switch", name="Sound")).to_be_visible()
    check(ana)
