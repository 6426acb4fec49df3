"""A picture of one's own: what is taken, what is kept of it, who sees it, and how it goes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from odziv.chat.json import conversation_json, message_json
from odziv.desk.people.account import PORTRAITS_PER_MINUTE
from odziv.store.agents.portraits import find_portrait, list_portraits, set_portrait
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.web.drawing.pictures import PORTRAIT, draw_portrait
from tests.files import PDF, picture


def upload(person, data: bytes, name: str = "me.jpg", **more):
    return person.post("/desk/account/picture", **{"picture": (io.BytesIO(data), name), **more})


def coloured(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


def shown(store, agent) -> Image.Image:
    return Image.open(io.BytesIO(find_portrait(store, list_portraits(store)[agent.id])))


def test_it_is_kept_small_square_and_alone(ana, store):
    assert upload(ana, picture(size=(900, 300))).status_code == 303
    kept = shown(store, ana.agent)
    assert (kept.size, kept.format, kept.mode) == ((PORTRAIT, PORTRAIT), "JPEG", "RGB")
    assert not kept.getexif() and "icc_profile" not in kept.info
    [entry] = list_entries(store, action="portrait_changed")
    assert (entry.agent_id, entry.object) == (ana.agent.id, f"agent:{ana.agent.id}")


def test_another_one_takes_its_place_under_another_address(ana, store, client):
    upload(ana, coloured("red"))
    first = list_portraits(store)[ana.agent.id]
    upload(ana, coloured("blue"))
    second = list_portraits(store)[ana.agent.id]
    assert first != second and find_portrait(store, first) is None
    assert client.get(f"/api/v1/portraits/{first}.jpg").status_code == 404
    assert client.get(f"/api/v1/portraits/{second}.jpg").status_code == 200


def test_the_same_picture_of_two_is_two(ana, marek, store):
    for each in (ana, marek):
        upload(each, picture())
    found = list_portraits(store)
    assert len(set(found.values())) == 2
    ana.post("/desk/account/picture/remove")
    assert list_portraits(store) == {marek.agent.id: found[marek.agent.id]}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no picture", PDF, picture()[:60], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\0" * 5000, b"GIF89a" + b"\xff" * 50,
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_words(ana, store, data):
    answer = upload(ana, data)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert not list_portraits(store)


def test_one_that_is_too_large_is_refused_in_words(app, ana, store):
    services = app.extensions["odziv"]
    limits = services.settings.limits.model_copy(update={"attachment_bytes": 50_000})
    services.settings = services.settings.model_copy(update={"limits": limits})
    answer = upload(ana, b"x" * 100_000)
    assert answer.status_code == 413 and "smaller picture" in answer.text and not list_portraits(store)


def test_without_a_file_nothing_changes(ana, store):
    assert ana.post("/desk/account/picture").status_code == 422
    assert ana.post("/desk/account/picture", picture="words").status_code == 422
    assert not list_portraits(store)


def test_only_with_the_sessions_token(ana, store):
    assert upload(ana, picture(), csrf_token="another").status_code == 400
    assert not list_portraits(store)


def test_not_without_end(ana):
    codes = [upload(ana, b"no picture").status_code for _ in range(PORTRAITS_PER_MINUTE + 1)]
    assert codes == [422] * PORTRAITS_PER_MINUTE + [429]


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2)])
def test_of_any_shape(size):
    drawn = Image.open(io.BytesIO(draw_portrait(picture(size=size))))
    assert drawn.size == (PORTRAIT, PORTRAIT)


def test_turned_as_the_camera_was_held():
    upright = Image.new("RGB", (100, 200), "red")
    upright.paste("blue", (0, 100, 100, 200))
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 3  # upside down
    upright.save(out, "JPEG", exif=exif)
    drawn = Image.open(io.BytesIO(draw_portrait(out.getvalue())))
    red, _, blue = drawn.getpixel((80, 150))
    assert red > 200 > blue


def test_what_is_clear_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    drawn = Image.open(io.BytesIO(draw_portrait(out.getvalue())))
    assert min(drawn.getpixel((80, 80))) > 250


def test_it_comes_in_a_way_that_can_be_nothing_else(ana, store, client):
    digest = set_portrait(store, ana.agent.id, draw_portrait(picture()))
    answer = client.get(f"/api/v1/portraits/{digest}.jpg")
    assert answer.mimetype == "image/jpeg" and answer.get_data().startswith(b"\xff\xd8")
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin" and "max-age" in headers["Cache-Control"]
    for wrong in ("0" * 64, "..", "x" * 5000, digest.upper(), "%00"):
        assert client.get(f"/api/v1/portraits/{wrong}.jpg").status_code == 404


def test_customers_and_colleagues_see_it(ana, marek, waiting, store, client):
    digest = set_portrait(store, ana.agent.id, draw_portrait(picture()))
    path = f"/api/v1/portraits/{digest}.jpg"
    assert path in ana.get("/desk/queue").text
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/messages", text="Živjo!", kind="reply")
    who = {"name": "Ana", "picture": path}
    assert conversation_json(find_conversation(store, waiting.id))["agent"] == who
    said = [message_json(message) for message in list_messages(store, waiting.id) if message.sender == "agent"]
    assert [each["agent"] for each in said] == [who]


def test_an_administrator_takes_one_away(boss, ana, store):
    set_portrait(store, ana.agent.id, draw_portrait(picture()))
    assert "Remove picture" in boss.get("/desk/people").text
    assert ana.post(f"/desk/people/{ana.agent.id}/picture/remove").status_code == 403
    assert list_portraits(store)
    assert boss.post(f"/desk/people/{ana.agent.id}/picture/remove").status_code == 303
    assert not list_portraits(store) and "Remove picture" not in boss.get("/desk/people").text
    [entry] = list_entries(store, action="portrait_removed")
    assert (entry.agent_id, entry.object) == (boss.agent.id, f"agent:{ana.agent.id}")
