"""The bench's own configuration is the shipped one but for the limits."""

import yaml

from bench.parts.product import LIFTED, write_config
from bench.parts.wording import read_questions, shuffled
from odziv.settings import ROOT, load_settings


def test_only_the_limits_differ_from_the_shipped_settings(tmp_path):
    ours = load_settings(write_config(tmp_path), {})
    shipped = load_settings(ROOT / "config.yml", {})
    assert ours.model_copy(update={"limits": shipped.limits}) == shipped
    changed = {name for name in LIFTED if getattr(ours.limits, name) != getattr(shipped.limits, name)}
    assert changed == set(LIFTED)


def test_rasas_part_is_left_as_it_is(tmp_path):
    ours, shipped = (yaml.safe_load(path.read_text()) for path in (write_config(tmp_path), ROOT / "config.yml"))
    assert ours["pipeline"] == shipped["pipeline"]


def test_questions_come_from_the_tests(tmp_path):
    folder = tmp_path / "tests" / "data" / "questions"
    folder.mkdir(parents=True)
    (folder / "en.jsonl").write_text('{"text": "Do you ship to Zagreb?", "article": "delivery/countries"}\n')
    assert read_questions(tmp_path, ("en",)) == {"en": ["Do you ship to Zagreb?"]}


def test_else_from_phrasings_not_word_for_word(tmp_path):
    folder = tmp_path / "kb" / "articles" / "en" / "orders"
    folder.mkdir(parents=True)
    (folder / "return.md").write_text(
        "---\ntitle: Returns\nquestions: [How do I return it?]\nstatus: published\n---\nSo."
    )
    assert "do i return it" in read_questions(tmp_path, ("en",))["en"]


def test_an_order_depends_on_the_seed_alone():
    questions = [str(n) for n in range(50)]
    assert shuffled(questions, 1) == shuffled(questions, 1) != shuffled(questions, 2)
    assert sorted(shuffled(questions, 1)) == sorted(questions)
