"""The desk's settings lie under config.yml's: defaults < desk < file < environment. One parser checks them."""

from __future__ import annotations

import pytest

from odziv.settings import Settings, load_settings
from odziv.settings.layers import NO_SITE, UNKNOWN, UnfitValues, build, build_what_fits, is_named, value_of
from odziv.settings.lines import find_line
from odziv.settings.offered import ONLY_IN_FILE, SECTIONS, find_section

FULL = {
    "sites": {"a.b": {"name": "A", "tags": ["x"], "greeting": {"en": "Hi"}}},
    "answer_precision": {"pl": 0.95},
    "library": ["shop"],
    "desk": {
        "hours": {
            "time_zone": "Europe/Ljubljana",
            "week": {"mon-thu": "8:00-12:00, 22:00-2:00"},
            "country": "SI",
            "holidays": ["2026-12-24", "12-31"],
            "languages": {"pl": {"time_zone": "Europe/Warsaw", "week": {"mon": "9:00-10:00"}}},
        },
        "promises": {"first_reply": {"normal": 1, "high": 2, "urgent": 3}},
    },
    "mail": {"address": "help@a.example", "smtp": {"host": "mail.a.example"}},
    "retention": {"conversations": 30, "sites": {"a.b": {"mail": 3}}},
}


@pytest.mark.parametrize("written", [{}, FULL])
def test_without_the_desk_all_is_as_the_file_says(written):
    base = Settings.model_validate(written)
    assert build(base, {}) == base


def test_the_file_goes_before_the_desk_setting_by_setting():
    base = Settings.model_validate(FULL)
    desk = {"sites/a.b/name": "B", "sites/a.b/color": "#112233", "sites/a.b/greeting/en": "No"}
    site = build(base, desk | {"sites/a.b/greeting/pl": "Cześć"}).sites["a.b"]
    assert (site.name, site.color, site.greeting) == ("A", "#112233", {"en": "Hi", "pl": "Cześć"})
    assert is_named(base, "sites/a.b/greeting/en") and not is_named(base, "sites/a.b/greeting/pl")
    assert not is_named(base, "sites/c/name") and not is_named(base, "desk/assignment")


def test_the_environment_goes_before_both(tmp_path):
    (tmp_path / "config.yml").write_text("odziv:\n  port: 1234\n")
    base = load_settings(tmp_path / "config.yml", {"ODZIV_PORT": "4321"})
    assert build(base, {"default_language": "sl"}).port == 4321 and value_of(base, "port") == 4321


def test_the_demo_is_there_until_the_file_or_the_desk_has_it_otherwise():
    added = {"sites/shop": True, "sites/shop/name": "Shop"}
    assert list(build(Settings(), added).sites) == ["shop", "demo"]
    assert list(build(Settings(), added | {"sites/demo": False}).sites) == ["shop"]
    assert build(Settings(), {"sites/demo/name": "Ours"}).sites["demo"].name == "Ours"
    assert list(build(Settings.model_validate(FULL), added).sites) == ["a.b", "shop"]
    with pytest.raises(UnfitValues, match="at least 1"):
        build(Settings(), {"sites/demo": False})


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"sites/c/color": "#112233"}, {"sites/c/color": NO_SITE.english}),
        ({"sites/c": True}, {"sites/c/name": "Field required"}),
        ({"port": 1}, {"port": UNKNOWN.english}),
        ({"sites/a.b/identity/secrets_env": ["PATH"]}, {"sites/a.b/identity/secrets_env": UNKNOWN.english}),
        ({"languages": ["sl"]}, {"": "default_language must be one of languages (sl), not en"}),
        ({"languages": "sl"}, {"languages": "Input should be a valid tuple"}),
        ({"sites/a.b/origins": {"x": [[]]}}, {"sites/a.b/origins": "Input should be a valid tuple"}),
        ({"sites/a.b/origins": ["javascript:alert(1)"]}, None),
        ({"sites/a.b/person": 7}, None),
    ],
)
def test_what_does_not_fit_is_told_by_its_key(values, problems):
    with pytest.raises(UnfitValues) as unfit:
        build(Settings.model_validate(FULL), values)
    told = {key: problem.english for key, problem in unfit.value.problems.items()}
    assert told == problems if problems else list(told) == list(values)


def test_what_does_not_fit_any_more_is_left_out_and_counts_again_later():
    values = {"sites/shop/color": "#112233", "sites/a.b/theme": "dark", "later/key": 1, "sites/a.b/color": "red"}
    base = Settings.model_validate(FULL)
    found = build_what_fits(base, values)
    assert found.settings.sites["a.b"].theme == "dark"
    assert {each.key for each in found.left_out} == {"sites/shop/color", "later/key", "sites/a.b/color"}
    more = Settings.model_validate({**FULL, "sites": {**FULL["sites"], "shop": {"name": "Shop"}}})
    again = build_what_fits(more, values)
    assert again.settings.sites["shop"].color == "#112233" and len(again.left_out) == 2


def test_the_line_of_config_yml_is_found(tmp_path):
    path = tmp_path / "config.yml"
    path.write_text("recipe: x\nodziv:\n  sites:\n    demo: {name: X,\n      origins: []}\n  languages: [sl]\n")
    assert [find_line(path, key) for key in ("languages", "sites/demo/origins", "sites/demo/color", "sites/x")] == [
        6,
        5,
        None,
        None,
    ]
    path.write_text("odziv: [")
    assert find_line(path, "languages") is None and find_line(tmp_path / "none.yml", "languages") is None


def test_each_setting_is_offered_or_said_to_be_in_the_file_only():
    offered = {pattern.split("/")[0] for patterns in SECTIONS.values() for pattern in patterns}
    only = {key.split(".")[0] for key in ONLY_IN_FILE}
    assert only | offered == Settings.model_fields.keys()
    assert {key for key in ONLY_IN_FILE if find_section(key.replace(".", "/"))} == set()
    assert find_section("sites/x/identity") is None and find_section("sites//name") == "sites"
