"""Websites at the desk: their look and greeting, added and removed, in force at once; what config.yml says stays."""

from __future__ import annotations

import pytest

from odziv.store.audit import list_entries
from odziv.store.settings.changes import list_changes, read_values

COLOUR, NAME = "sites/demo/color", "sites/demo/name"


def test_what_is_saved_holds_at_once_and_stands_in_audit_and_history(boss, save, store, app, client):
    answer = save("sites/demo", **{COLOUR: "#aa3311", "sites/demo/greeting/en": "Hello!\r\nHow can we help?"})
    assert answer.status_code == 303
    assert "Saved, and in force." in boss.get("/desk/settings/sites/demo").text
    site = client.get("/api/v1/sites/demo").get_json()["site"]
    assert (site["color"], site["greeting"]) == ("#aa3311", {"en": "Hello!\nHow can we help?"})
    assert b"#aa3311" in client.get("/widget.js").data
    [change] = list_changes(store)
    assert change.before == {} and change.after[COLOUR] == "#aa3311" and change.made_by == boss.agent.id
    [entry] = list_entries(store, action="settings_changed")
    assert entry.detail["after"][COLOUR] == "#aa3311" and entry.object == "settings:1"
    page = boss.get("/desk/settings/history").text
    assert "sites.demo.color" in page and "#aa3311" in page
    assert "Settings changed" in boss.get("/desk/audit").text


def test_what_is_taken_back_is_as_before_and_what_was_taken_back_can_be_too(boss, save, app):
    save("sites/demo", **{COLOUR: "#aa3311"})
    save("sites/demo", **{COLOUR: "#2255aa"})
    colours = []
    for number in (2, 1, 4):
        assert boss.post(f"/desk/settings/history/{number}/undo").status_code == 303
        colours.append(app.extensions["odziv"].settings.sites["demo"].color)
    assert colours == ["#aa3311", "", "#aa3311"]
    assert "Takes back change 4" in boss.get("/desk/settings/history").text
    assert boss.post("/desk/settings/history/77/undo").status_code == 404


def test_what_config_yml_says_is_shown_and_not_changed(boss, save, store, app):
    page = boss.get("/desk/settings/sites/demo").text
    assert "Said in config.yml" in page and f'name="keys" value="{NAME}"' not in page
    answer = save("sites/demo", **{NAME: "Mine"})
    assert answer.status_code == 409 and "config.yml says sites.demo.name" in answer.text
    assert read_values(store) == (0, {}) and app.extensions["odziv"].settings.sites["demo"].name == "Smreka"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (COLOUR, "red", "Write a colour like"),
        (COLOUR, "#12345g", "Write a colour like"),
        ("sites/demo/theme", "pink", "light"),
        ("sites/demo/greeting/en", "x" * 501, "500 characters are enough"),
        ("sites/demo/languages", "", ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_stored(save, store, key, value, told):
    more = {"sites/demo/position": "left"}
    answer = save("sites/demo", **{key: value, **more})
    if not told:
        return
    assert answer.status_code == 422 and told in answer.text and "stands beside the fields" in answer.text
    assert 'value="left" selected' in answer.text  # what was typed stays
    assert read_values(store) == (0, {})


def test_what_is_too_long_is_refused(save, store):
    assert save("sites/demo", **{"sites/demo/tags": "x\n" * 15_000}).status_code == 422
    assert save("sites/demo", **{"sites/demo/tags": "x" * 1_000_000}).status_code == 413
    assert read_values(store) == (0, {})


def test_names_are_shown_as_text(boss, save, app):
    boss.post("/desk/settings/sites", key="shop", name="<script>alert(1)</script>", edition="0")
    save("sites/shop", **{"sites/shop/greeting/en": "</script><img src=x onerror=alert(1)>"})
    for path in ("", "/sites", "/sites/shop", "/history"):
        page = boss.get(f"/desk/settings{path}").text
        assert "<script>alert" not in page and "<img src=x" not in page
    assert b"<img" not in app.test_client().get("/widget.js").data


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 101, "\x1b[2J"])
def test_a_name_is_one_line(boss, store, name):
    assert boss.post("/desk/settings/sites", key="shop", name=name, edition="0").status_code == 422
    assert read_values(store) == (0, {})


@pytest.mark.parametrize("key", ["", "a b", "a/b", "x" * 65, "šola", "../x", "<b>"])
def test_a_short_name_is_of_letters_digits_and_few_signs(boss, store, key):
    assert boss.post("/desk/settings/sites", key=key, name="Shop", edition="0").status_code in (400, 422)
    assert read_values(store) == (0, {})


def test_a_site_is_added_used_at_once_and_removed(boss, save, app, client):
    assert boss.post("/desk/settings/sites", key="new.shop", name="New shop", edition="0").status_code == 303
    save("sites/new.shop", **{"sites/new.shop/origins": "https://New.example:443\r\n\r\nhttps://žaba.si"})
    site = app.extensions["odziv"].settings.sites["new.shop"]
    assert site.origins == ("https://new.example", "https://xn--aba-b3a.si")
    opened = client.post("/api/v1/conversations", json={"site": "new.shop"}, headers={"Origin": "https://new.example"})
    assert opened.status_code == 201
    assert boss.post("/desk/settings/sites", key="new.shop", name="Again", edition="2").status_code == 409
    assert boss.post("/desk/settings/sites/new.shop/remove", edition="2").status_code == 303
    assert "new.shop" not in app.extensions["odziv"].settings.sites
    assert boss.get("/desk/settings/sites/new.shop").status_code == 404
    boss.post("/desk/settings/history/3/undo")
    assert app.extensions["odziv"].settings.sites["new.shop"].name == "New shop"


def test_a_site_of_config_yml_is_not_removed_here(boss, app):
    answer = boss.post("/desk/settings/sites/demo/remove", edition="0")
    assert answer.status_code == 409 and "take it out there" in answer.text
    assert "demo" in app.extensions["odziv"].settings.sites


def test_of_two_who_save_the_same_the_second_is_told(save, store):
    save("sites/demo", **{COLOUR: "#aa3311"})
    answer = save("sites/demo", seen=0, **{COLOUR: "#2255aa"})
    assert answer.status_code == 409 and "has changed sites.demo.color since you opened" in answer.text
    assert 'value="#2255aa"' in answer.text and 'name="edition" autocomplete="off" value="1"' in answer.text
    assert read_values(store)[1] == {COLOUR: "#aa3311"}
    assert save("sites/demo", seen=1, **{COLOUR: "#2255aa"}).status_code == 303


def test_of_two_who_change_different_settings_both_are_saved(save, store):
    save("sites/demo", **{COLOUR: "#aa3311", "sites/demo/theme": "auto"})
    assert save("sites/demo", seen=0, **{COLOUR: "", "sites/demo/theme": "dark"}).status_code == 303
    assert read_values(store)[1] == {COLOUR: "#aa3311", "sites/demo/theme": "dark"}


def test_a_colour_that_is_hard_to_read_is_warned_of(boss, save):
    save("sites/demo", **{COLOUR: "#ffee88"})
    assert "too little for text" in boss.get("/desk/settings/sites/demo").text
    save("sites/demo", **{COLOUR: "#1f5c4a"})
    assert "too little for text" not in boss.get("/desk/settings/sites/demo").text


def test_the_preview_stands_in_our_frame_only_and_has_what_was_typed(boss):
    page = boss.get("/desk/settings/sites/demo/preview?color=%23aa3311&position=left&name=%22%3E%3Cb%3E")
    assert 'data-color="#aa3311"' in page.text and 'data-position="left"' in page.text and "<b>" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "script-src 'self'" in policy
    assert "frame-src 'self'" in boss.get("/desk/settings/sites/demo").headers["Content-Security-Policy"]
    assert boss.get("/desk/settings/sites/demo/preview?theme=pink").status_code == 400


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, store, who):
    person = sign_in("Nik Hribar", who)
    for path in ("", "/sites", "/sites/demo", "/sites/demo/preview", "/languages", "/history"):
        assert person.get(f"/desk/settings{path}").status_code == 403
    for path in ("/sites", "/sites/demo", "/sites/demo/remove", "/languages", "/forget", "/history/1/undo"):
        assert person.post(f"/desk/settings{path}", keys=COLOUR, **{COLOUR: "#aa3311"}).status_code == 403
    assert read_values(store) == (0, {})


def test_a_form_has_only_the_settings_of_its_page(save, boss, store):
    for key in ("sites/other/color", "mail/smtp/host", "database_url", "x" * 300):
        save("sites/demo", **{key: "#aa3311"})
    save("languages", **{COLOUR: "#aa3311"})
    assert read_values(store) == (0, {})
    assert boss.get("/desk/settings/nothing").status_code == 404
    assert boss.post("/desk/settings/nothing").status_code == 404
