"""Settings by a token of an administrator: read, set all or none, and refused as the page refuses."""

from __future__ import annotations

import pytest

from odziv.desk.api.settings import list_keys
from odziv.settings import LANGUAGES, Settings
from odziv.settings.offered import find_section
from odziv.store.audit import list_entries
from odziv.store.settings.changes import change_values, read_values

COLOUR = "sites/demo/color"


def settings_of(answer) -> dict:
    return {each["key"]: each for each in answer.get_json()["settings"]}


def test_all_that_can_be_set_is_told_with_where_it_comes_from(boss):
    answer = boss.get("/settings")
    told = settings_of(answer)
    assert answer.get_json()["edition"] == 0 and answer.get_json()["without_effect"] == []
    assert told["sites/demo/name"] == {
        "key": "sites/demo/name",
        "value": "Smreka",
        "in_config": True,
        "set_here": False,
    }
    assert told[COLOUR]["value"] == "" and told["sites/demo"]["value"] is True
    assert told["desk/promises/first_reply"]["value"] == {"normal": 60, "high": 30, "urgent": 15}
    assert "sites/other/greeting/pl" in told and "retention/sites/other/mail" in told
    assert [key for key in told if find_section(key) is None] == []


def test_what_has_names_of_its_own_is_told_by_them():
    mailbox = {"smtp": {"host": "127.0.0.1"}, "mailboxes": {"sales": {"address": "sales@shop.example"}}}
    keys = list(list_keys(Settings.model_validate({"sites": {"shop": {"name": "Shop"}}, "mail": mailbox})))
    assert len(set(keys)) == len(keys) and [key for key in keys if "*" in key] == []
    mail = [key for key in keys if key.startswith("mail/signatures") or key.startswith("mail/mailboxes")]
    own = [f"mail/mailboxes/sales/signatures/{language}" for language in LANGUAGES]
    more = [f"mail/mailboxes/sales/{each}" for each in ("sender_name", "site", "language", "plus_addressing")]
    assert sorted(mail) == sorted([*(f"mail/signatures/{language}" for language in LANGUAGES), *own, *more])
    assert {"sites/shop", "sites/shop/greeting/hr", "retention/sites/shop/mail", "desk/hours"} <= set(keys)


def test_they_are_set_all_or_none_and_hold_at_once(boss, store, app):
    wanted = {COLOUR: "#aa3311", "desk/hours": {"time_zone": "UTC", "week": {"mon": "8:00-9:00"}}}
    answer = boss.call("PATCH", "/settings", {"edition": 0, "settings": wanted})
    assert answer.status_code == 200 and settings_of(answer)[COLOUR]["set_here"] is True
    assert app.extensions["odziv"].settings.desk.hours.week[0] == ((480, 540),)
    [entry] = list_entries(store, action="settings_changed")
    assert entry.agent_id == boss.agent.id and entry.detail["token"]
    refused = boss.call("PATCH", "/settings", {"edition": 1, "settings": {COLOUR: "#000000", "languages": ["xx"]}})
    assert refused.status_code == 422 and "languages" in refused.get_json()["error"]["message"]
    assert read_values(store)[1][COLOUR] == "#aa3311"
    assert boss.call("PATCH", "/settings", {"edition": 1, "settings": {COLOUR: None}}).status_code == 200
    assert COLOUR not in read_values(store)[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"edition": 0, "settings": {"sites/demo/name": "Mine"}}, 409),
        ({"edition": 0, "settings": {"mail/smtp/host": "evil.example"}}, 400),
        ({"edition": 0, "settings": {"database_url": "x"}}, 400),
        ({"edition": 0, "settings": {"k" * 300: 1}}, 400),
        ({"edition": 0, "settings": {COLOUR: {"deep": [[[[1]]]]}}}, 422),
        ({"edition": 0, "settings": {COLOUR: 7}}, 422),
        ({"edition": 0, "settings": {"sites/demo/tags": ["x" * 25_000]}}, 422),
        ({"edition": 0, "settings": {}}, 400),
        ({"edition": -1, "settings": {COLOUR: ""}}, 400),
        ({"edition": True, "settings": {COLOUR: ""}}, 400),
        ({"settings": {COLOUR: ""}}, 400),
    ],
)
def test_what_can_not_be_is_refused(boss, store, body, status):
    answer = boss.call("PATCH", "/settings", body)
    assert answer.status_code == status, answer.text
    assert read_values(store) == (0, {})


def test_what_is_wrong_is_said_in_english_and_in_the_words_of_config_yml(boss, store, app):
    boss.headers["Accept-Language"] = "sl"
    wanted = {"answer_precision": {"pl": 99}, "desk/auto_close/word_hours": "soon"}
    told = boss.call("PATCH", "/settings", {"edition": 0, "settings": wanted}).get_json()["error"]["message"]
    assert told.startswith("Not saved: answer_precision: pl: write a number from 0.5 to 0.999, not 99; for each")
    assert "desk.auto_close.word_hours: Input should be a valid integer" in told
    long = {"sites/demo/tags": ["x" * 25_000]}
    told = boss.call("PATCH", "/settings", {"edition": 0, "settings": long}).get_json()["error"]["message"]
    assert told == "Not saved: sites.demo.tags: this is too long; 20,000 characters are enough"
    change_values(store, None, {"sites/demo/color": "red"}, seen=0)
    app.extensions["odziv"].settings_follower.look()
    [left_out] = boss.get("/settings").get_json()["without_effect"]
    assert left_out == {"key": "sites/demo/color", "problem": 'write a colour like "#1f5c4a", or leave it empty'}


def test_of_two_the_second_is_told(boss):
    boss.call("PATCH", "/settings", {"edition": 0, "settings": {COLOUR: "#aa3311"}})
    assert boss.call("PATCH", "/settings", {"edition": 0, "settings": {COLOUR: "#000000"}}).status_code == 409


def test_others_are_refused(ana, store):
    assert ana.get("/settings").status_code == 403
    assert ana.call("PATCH", "/settings", {"edition": 0, "settings": {COLOUR: "#aa3311"}}).status_code == 403
    assert read_values(store) == (0, {})
