"""Every setting is explained where operators look for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from odziv.settings import ENVIRONMENT, Desk, Limits, Settings, Site, load_settings
from odziv.settings.mail import Imap, MailSettings, Smtp
from odziv.settings.offered import SECTIONS, find_section

EXPLAINED_SITE = ["name", "origins", "color", "theme", "position", "launcher", "greeting", "languages", "tags"]
EXPLAINED_SITE += ["identity", "consent", "proactive", "person"]
ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config.yml"
OPERATOR_PAGES = sorted((ROOT / "docs").glob("*.md"))


def our_lines() -> list[str]:
    """config.yml from `odziv:` on."""
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    return lines[lines.index("odziv:") :]


def with_what_is_left_out(text: str) -> str:
    """config.yml as it would be with the settings that are left to the desk, which stand behind a # each."""
    return re.sub(r"^( *)#([a-z_]+:)", r"\1\2", text, flags=re.MULTILINE)


def left_out() -> set[str]:
    """The keys of those settings, by their places."""
    text = CONFIG.read_text(encoding="utf-8")
    all_of_them, kept = (yaml.safe_load(each)["odziv"] for each in (with_what_is_left_out(text), text))
    return {place for place in places_in(all_of_them) if place not in set(places_in(kept))}


def places_in(values: dict, above: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from places_in(value, f"{above}{key}/")
        else:
            yield f"{above}{key}"


def is_offered(place: str) -> bool:
    """Whether the desk offers this setting, or one that it is a part of, or parts of it."""
    parts = place.split("/")
    above = any(find_section("/".join(parts[:count])) for count in range(1, len(parts) + 1))
    return above or any(one.startswith(f"{place}/") for patterns in SECTIONS.values() for one in patterns)


def test_what_is_left_out_of_config_yml_is_what_the_desk_offers():
    assert {place for place in left_out() if not is_offered(place)} == set()
    kept = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["odziv"]
    assert {place for place in places_in(kept) if is_offered(place)} == set()


def fields() -> list[tuple[type[BaseModel], str]]:
    return [(model, name) for model in (Settings, Limits, Desk, MailSettings, Site) for name in model.model_fields]


@pytest.mark.parametrize(("model", "name"), fields(), ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_every_setting_is_in_config_yml_with_a_comment_above(model, name):
    lines = our_lines()
    places = [number for number, line in enumerate(lines) if re.match(rf"\s+(#\s*)?{name}:", line)]
    assert places, f"config.yml lacks odziv's setting {name}"
    if model is Site:  # explained together, above `sites`
        places = [number for number, line in enumerate(lines) if re.match(r"\s+#?sites:", line)]
        assert model.model_fields.keys() <= set(EXPLAINED_SITE), (
            f"explain sites' {name} in config.yml, then list it here"
        )
    number = places[0]
    is_section = name in {"limits", "desk", "mail"}  # its parts explain it
    around = lines[number + 1 : number + 2] if is_section else lines[number - 2 : number]
    assert any(line.strip().startswith("#") for line in around), f"say above {name} in config.yml what it does"


def test_config_yml_has_nothing_that_is_no_setting_and_shows_what_holds_without_it():
    shown = yaml.safe_load(with_what_is_left_out(CONFIG.read_text(encoding="utf-8")))["odziv"]
    assert set(shown) == set(Settings.model_fields)
    assert set(shown["limits"]) == set(Limits.model_fields)
    assert set(shown["desk"]) == set(Desk.model_fields)
    for model, part in ((MailSettings, shown["mail"]), (Smtp, shown["mail"]["smtp"]), (Imap, shown["mail"]["imap"])):
        assert set(part) == set(model.model_fields)
    assert load_settings(CONFIG, {}) == Settings()
    assert Settings.model_validate(shown) == Settings()


def test_rasas_part_of_config_yml_is_untouched_by_ours():
    document = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert document["recipe"] == "default.v1" and document["pipeline"] and document["policies"]


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_variable_of_the_environment_is_named(variable):
    assert variable in CONFIG.read_text(encoding="utf-8")


def test_operators_pages_that_list_variables_list_them_all():
    for page in OPERATOR_PAGES:
        text = page.read_text(encoding="utf-8")
        if "ODZIV_PORT" in text:
            assert not [variable for variable in ENVIRONMENT if variable not in text], page.name
