"""What the system says exists in every language it is said in."""

from __future__ import annotations

import pytest

from odziv.cases.bot_replies import REASONS
from odziv.settings import LANGUAGES
from odziv.texts import CATALOGUE
from odziv.texts.notices import notice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key",
    [*(f"handoff_{reason}" for reason in REASONS if reason != "danger"), "danger", "glad", "cannot_see_files", "human"],
)
def test_every_notice_the_turns_need_is_there(key, language):
    assert notice(key, language).strip()


def test_no_notice_says_the_same_in_two_languages():
    for key in CATALOGUE.of("notices", "en"):
        assert len({texts[key] for texts in CATALOGUE.by_language("notices").values()}) == len(LANGUAGES), key


def test_the_agents_name_is_put_in_and_another_language_gets_english():
    assert "Ana {x}" in notice("joined", "sl", name="Ana {x}")
    assert notice("glad", "de") == notice("glad", "en")
    with pytest.raises(KeyError):
        notice("no_such_notice", "en")
