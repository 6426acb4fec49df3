"""Each section: what it shows and takes, what is wrong in it, and that it holds without a restart."""

from __future__ import annotations

import pytest

from odziv.cases.absence import find_absence
from odziv.desk.settings.sections import PAGES
from odziv.settings import Settings
from odziv.settings.hours import Hours, tell_hours
from odziv.store.audit import list_entries
from odziv.store.settings.changes import read_values

HOURS = {"keys": "desk/hours", "desk/hours/time_zone": "Europe/Ljubljana"}


@pytest.fixture
def send(boss, store):
    """Sends a section's form."""

    def send(section: str, **fields: str):
        return boss.post(f"/desk/settings/{section}", edition=str(read_values(store)[0]), **fields)

    return send


@pytest.fixture
def now(app):
    """The settings that hold."""
    return lambda: app.extensions["odziv"].settings


@pytest.mark.parametrize("section", PAGES)
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(boss, store, kb, section, send_as_shown):
    assert boss.get("/desk/settings").text.count(f"/desk/settings/{section}") >= 2
    assert send_as_shown(section).status_code == 303
    assert "Nothing was changed." in boss.get(f"/desk/settings/{section}").text
    assert read_values(store) == (0, {})


def test_hours_hold_at_once_and_are_shown_as_they_were_written(boss, send, now, store, send_as_shown):
    week = {f"desk/hours/{day}": "8:00-12:00, 22:00-2:00" for day in ("mon", "tue")}
    own = {"desk/hours/pl/time_zone": "Europe/Warsaw", "desk/hours/pl/sat": "9:00-24:00"}
    more = {"desk/hours/country": "si", "desk/hours/holidays": "2026-12-24\r\n12-31"}
    assert send("hours", **HOURS, **week, **own, **more).status_code == 303
    hours = now().desk.hours
    assert hours.calendar("en").time_zone == "Europe/Ljubljana" and hours.country == "SI"
    assert hours.calendar("pl").week[5] == ((540, 1440),) and hours.holidays == ((2026, 12, 24), (0, 12, 31))
    page = boss.get("/desk/settings/hours").text
    assert 'value="8:00-12:00, 22:00-2:00"' in page and 'value="9:00-24:00"' in page and "2026-12-24\n12-31" in page
    assert send_as_shown("hours").status_code == 303 and read_values(store)[0] == 1
    assert find_absence(store, now(), "pl") is not None
    boss.post("/desk/settings/history/1/undo")
    assert find_absence(store, now(), "pl") is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"desk/hours/time_zone": "Europe/Atlantis"}, "Write the name of a time zone"),
        ({"desk/hours/time_zone": "", "desk/hours/mon": "8:00-16:00"}, "A time zone is needed"),
        ({"desk/hours/mon": "8-16"}, "are no hours"),
        ({"desk/hours/mon": "8:00-25:00"}, "are no hours"),
        ({"desk/hours/country": "XX"}, "two letters of a country"),
        ({"desk/hours/holidays": "31. 12."}, "is no date"),
        ({"desk/hours/time_zone": "../../etc/passwd"}, "time zone"),
    ],
)
def test_hours_that_are_none_are_refused_in_the_settings_words(send, store, fields, told):
    answer = send("hours", **{**HOURS, **fields})
    assert answer.status_code == 422 and told in answer.text
    assert read_values(store) == (0, {})


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"time_zone": "Europe/Ljubljana", "week": {"mon-fri": "8:00-16:00", "sun": "23:00-24:00"}},
        {"time_zone": "UTC", "week": {"sat": "22:00-6:30"}, "languages": {"pl": {"country": "PL"}}},
        {"time_zone": "UTC", "holidays": ["2027-02-01", "2-29"]},
    ],
)
def test_hours_that_are_told_are_the_same_when_they_are_read(written):
    hours = Hours.model_validate(written)
    assert Hours.model_validate(tell_hours(hours)) == hours


def test_targets(send, now, store, boss):
    first, other = "desk/promises/first_reply", "desk/promises/next_reply"
    fields = {f"{first}/normal": "45", f"{first}/high": "20", f"{first}/urgent": "0"}
    assert send("targets", keys=first, **fields).status_code == 303
    assert now().desk.promises.first_reply.normal == 45 and now().desk.promises.next_reply.normal == 120
    answer = send("targets", keys=other, **{f"{other}/normal": "soon", f"{other}/high": "1", f"{other}/urgent": "1"})
    assert answer.status_code == 422 and "Write a whole number" in answer.text and 'value="soon"' in answer.text
    assert send("targets", keys=other, **{f"{other}/normal": "-5"}).status_code == 422
    assert read_values(store)[0] == 1


def test_work_at_the_desk_is_taken_up_by_who_does_it(app, send, now):
    keys = ["desk/assignment", "desk/agent_capacity", "desk/auto_close/word_hours"]
    fields = {"desk/assignment": "auto", "desk/agent_capacity": "3", "desk/auto_close/word_hours": "24"}
    assert send("desk", keys=keys, **fields).status_code == 303
    assert now().desk.assignment == "auto" and now().desk.auto_close.close_hours == 24
    assert app.extensions["odziv"].queue_monitor.settings.desk.agent_capacity == 3
    assert send("desk", keys="desk/agent_capacity", **{"desk/agent_capacity": "0"}).status_code == 422
    assert send("desk", keys="desk/take_over", **{"desk/take_over": "nobody"}).status_code == 422
    assert send("desk", keys="desk/require_two_factor", **{"desk/require_two_factor": "none"}).status_code == 303
    assert "desk/require_two_factor" not in app.extensions["odziv"].settings_follower.values


def test_precision_for_all_and_for_a_language(send, now, boss, kb, send_as_shown, store):
    key = "answer_precision"
    assert send("precision", keys=key, **{f"{key}/default": "92,5"}).status_code == 303
    assert now().answer_precision == 0.925 and 'value="92.5"' in boss.get("/desk/settings/precision").text
    send("precision", keys=key, **{f"{key}/default": "92.5", f"{key}/pl": "95"})
    assert now().answer_precision == {"default": 0.925, "pl": 0.95}
    assert send_as_shown("precision").status_code == 303 and read_values(store)[0] == 2
    for wrong in ("40", "100", "sure", "1e9", "nan"):
        assert send("precision", keys=key, **{f"{key}/default": wrong}).status_code == 422
    send("precision", keys=key)
    assert now().answer_precision == 0.9


def test_an_address_needs_a_server_and_then_mail_is_on_and_begins_anew(app, send, now, boss, store):
    fields = {"keys": ["mail/address", "mail/sender_name"], "mail/address": "help@shop.example"}
    answer = send("mail", **fields)
    assert answer.status_code == 422 and "No mail server is named in config.yml yet" in answer.text
    assert "No mail server is named yet" in boss.get("/desk/settings/mail").text
    services = app.extensions["odziv"]
    named = services.settings_follower.base.model_dump(exclude_unset=True)
    smtp = {"smtp": {"host": "127.0.0.1", "port": 1, "security": "none"}}
    services.settings_follower.base = Settings.model_validate({**named, "mail": smtp})
    assert send("mail", **fields, **{"mail/sender_name": "Shop"}).status_code == 303
    assert now().mail.is_on and services.mail.outbound is not None and store.mail_domain == "shop.example"
    assert send("mail", **{**fields, "mail/sender_name": "Two\r\nBcc: x@y.example"}).status_code == 422
    assert send("mail", keys="mail/smtp/host", **{"mail/smtp/host": "evil.example"}).status_code == 303
    assert now().mail.smtp.host == "127.0.0.1"
    send("mail", **{**fields, "mail/address": ""})
    assert services.mail.outbound is None and store.mail_domain is None


def test_a_category_is_called_as_it_is_said_here(send, now, boss, app, kb, store):
    key = "categories/orders/en"
    page = boss.get("/desk/settings/categories").text
    assert f'name="{key}"' in page and 'placeholder="' in page
    assert send("categories", keys=key, **{key: "Purchases <b>"}).status_code == 303
    shown = app.test_client().get("/help/en/").text
    assert "Purchases &lt;b&gt;" in shown
    send("categories", keys=key, **{key: ""})
    assert "Purchases" not in app.test_client().get("/help/en/").text and now().categories == {}
    assert send("categories", keys=key, **{key: "x" * 81}).status_code == 422


def test_what_would_go_is_told_before_anything_is_saved(send, now, store, app):
    keys = ["retention/conversations", "retention/sites/other/ratings", "retention/audit"]
    fields = {"retention/conversations": "30", "retention/sites/other/ratings": "5", "retention/audit": "30"}
    answer = send("retention/try", keys=keys, **fields)
    assert answer.status_code == 200 and "What would go now" in answer.text and "older than 30 days" in answer.text
    assert 'value="30"' in answer.text and "all websites" in answer.text
    assert now().retention.conversations == 0 and read_values(store) == (0, {})
    assert send("retention/try", keys=keys, **{"retention/conversations": "-1"}).status_code == 422
    assert send("retention", keys=keys, **fields).status_code == 303
    assert now().retention.conversations == 30 and now().retention.sites["other"].ratings == 5
    sweeps = [task for task in app.extensions["odziv"].sweeps if hasattr(task, "settings")]
    assert {task.settings.retention.audit for task in sweeps} == {30}
    [entry] = list_entries(store, action="settings_changed")
    assert entry.detail["after"]["retention/conversations"] == 30
    for wrong in ("40000", "true", "1.5", "-1"):
        assert send("retention", keys=keys[:1], **{keys[0]: wrong}).status_code == 422


def test_a_site_with_days_of_its_own_is_removed_with_them(send, boss, now, store):
    boss.post("/desk/settings/sites", key="shop", name="Shop", edition="0")
    send("retention", keys="retention/sites/shop/mail", **{"retention/sites/shop/mail": "9"})
    assert boss.post("/desk/settings/sites/shop/remove", edition="2").status_code == 303
    assert "shop" not in now().sites and "shop" not in now().retention.sites
