"""Every process follows what is set at the desk: at once where it hears of it, else at its next look."""

from __future__ import annotations

import pytest

from odziv.cases.refused import Refused
from odziv.cases.settings.changing import Unfit, change_settings, forget_value, settings_at, undo_change
from odziv.cases.settings.following import SettingsFollower
from odziv.settings import Settings
from odziv.store.settings.changes import change_values, list_changes, read_values
from odziv.wiring import build_services
from tests.fakes import FakeBot, FakeKnowledge
from tests.fixtures import open_again

COLOUR = "sites/demo/color"


def test_what_one_process_sets_another_takes_over(settings, store, ana):
    other_store = open_again(store)
    other = build_services(settings, store=other_store, bot=FakeBot(), knowledge=FakeKnowledge())
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=0)
    assert other.settings.sites["demo"].color == ""
    assert other.settings_follower.look() and not other.settings_follower.look()
    keepers = (other, other.queue_monitor, other.rules, other.scheduled_actions, *other.sweeps)
    found = [each.settings.sites["demo"].color for each in keepers if hasattr(each, "settings")]
    assert len(found) >= 9 and set(found) == {"#aa3311"}
    other_store.close()


def test_who_begins_later_has_it_from_the_start(settings, store, ana):
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=0)
    services = build_services(settings, store=store, bot=FakeBot(), knowledge=FakeKnowledge())
    assert services.settings.sites["demo"].color == services.queue_monitor.settings.sites["demo"].color == "#aa3311"


def test_a_commit_wakes_the_follower(settings, store, ana):
    follower, woken = SettingsFollower(store, settings), []
    follower.wake = lambda: woken.append(True)
    store.listen(follower.hear)
    with store.write() as connection:
        connection.info["touched"].add("lists")
    assert woken == []
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=0)
    assert woken == [True]


def test_one_who_can_not_take_them_keeps_nobody_else_from_it(settings, store, ana):
    follower, taken = SettingsFollower(store, settings), []
    follower.takers += [lambda _: 1 / 0, taken.append]
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=0)
    assert follower.look() and [each.sites["demo"].color for each in taken] == ["#aa3311"]


def test_rows_that_do_not_fit_stop_no_start_and_no_change(settings, store, ana, app, client):
    change_values(store, None, {"later/key": 1, COLOUR: "red", "sites/demo/theme": "dark"}, seen=0)
    services = app.extensions["odziv"]
    services.settings_follower.look()
    assert services.settings.sites["demo"].theme == "dark"
    told = client.get("/health").get_json()
    assert told["parts"]["settings"] == "2 set at the desk without effect" and told["status"] == "degraded"
    change_settings(store, settings, ana, {"sites/demo/position": "left"}, seen=1)
    forget_value(store, ana, "later/key")
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=3)
    services.settings_follower.look()
    assert services.settings_follower.left_out == () and services.settings.sites["demo"].position == "left"
    assert "settings" not in client.get("/health").get_json()["parts"]
    with pytest.raises(Refused):
        forget_value(store, ana, "later/key")


def test_nothing_is_stored_of_what_does_not_fit_together(settings, store, ana):
    with pytest.raises(Unfit) as unfit:
        change_settings(store, settings, ana, {"languages": ["sl"], COLOUR: "#aa3311"}, seen=0)
    assert "it has to be among those that are served" in unfit.value.problems[""]
    assert unfit.value.for_programs == "Not saved: default_language must be one of languages (sl), not en"
    assert read_values(store) == (0, {}) and list_changes(store) == []
    change_settings(store, settings, ana, {"languages": ["sl"], "default_language": "sl"}, seen=0)
    assert read_values(store)[0] == 1


def test_what_undoing_would_break_is_refused(settings, store, ana):
    change_settings(store, settings, ana, {"languages": ["sl", "en"]}, seen=0)
    change_settings(store, settings, ana, {"default_language": "sl"}, seen=1)
    change_settings(store, settings, ana, {"languages": ["sl"]}, seen=2)
    with pytest.raises(Unfit):
        undo_change(store, settings, ana, 2)
    assert undo_change(store, settings, ana, 3) == 4 and undo_change(store, settings, ana, 2) == 5
    assert undo_change(store, settings, ana, 2) is None
    assert settings_at(store, settings, 1).languages == ("sl", "en")
    assert settings_at(store, settings, 3).languages == ("sl",)
    assert settings_at(store, settings, 99) == settings_at(store, settings, 5)


def test_what_config_yml_names_by_now_holds_and_comes_back_when_it_goes(settings, store, ana):
    change_settings(store, settings, ana, {COLOUR: "#aa3311"}, seen=0)
    demo = settings.sites["demo"].model_copy(update={"color": "#000000"})
    named = Settings(sites={"demo": demo.model_dump(exclude_unset=True)}, var=settings.var)
    assert SettingsFollower(store, named).settings.sites["demo"].color == "#000000"
    assert SettingsFollower(store, named).left_out == ()
    assert SettingsFollower(store, settings).settings.sites["demo"].color == "#aa3311"
    with pytest.raises(Refused, match=r"config.yml says sites.demo.color"):
        change_settings(store, named, ana, {COLOUR: "#bb3311"}, seen=1)
