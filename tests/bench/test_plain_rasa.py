"""The plain assistant is an ordinary Rasa project with one intent an article."""

import pytest
import yaml

from bench.plain_rasa.assistant import HERE, write_project
from odziv.settings import ROOT

ARTICLES = ROOT / "kb" / "articles"


def test_every_article_is_an_intent_with_its_answer_and_rule(tmp_path):
    write_project(tmp_path, ARTICLES, ["en"])
    domain = yaml.safe_load((tmp_path / "domain.yml").read_text())
    nlu = yaml.safe_load((tmp_path / "data" / "articles.yml").read_text())["nlu"]
    rules = yaml.safe_load((tmp_path / "data" / "rules.yml").read_text())["rules"]
    assert len(nlu) == len(list((ARTICLES / "en").rglob("*.md")))
    assert {f"utter_{intent}" for intent in domain["intents"]} == set(domain["responses"])
    assert {rule["steps"][0]["intent"] for rule in rules} == set(domain["intents"])
    assert {entry["intent"] for entry in nlu} < set(domain["intents"])


def test_the_hash_follows_the_content(tmp_path):
    first = write_project(tmp_path / "a", ARTICLES, ["en"])
    assert write_project(tmp_path / "b", ARTICLES, ["en"]) == first
    assert write_project(tmp_path / "c", ARTICLES, ["sl", "en"]) != first


def test_pipeline_and_policies_are_rasas_own_defaults():
    recipe = yaml.safe_load((HERE / "config.yml").read_text())
    assert recipe["pipeline"] is None and recipe["policies"] is None


@pytest.mark.rasa
def test_shorter_training_changes_the_epochs_and_nothing_else(tmp_path):
    long, short = (write_project(tmp_path / str(epochs), ARTICLES, ["en"], epochs) for epochs in (100, 7))
    assert long != short
    whole, quick = (yaml.safe_load((tmp_path / each / "config.yml").read_text()) for each in ("100", "7"))
    for part in ("pipeline", "policies"):
        assert quick[part] == [each | {"epochs": 7} if "epochs" in each else each for each in whole[part]]
        assert any(each.get("epochs") == 100 for each in whole[part])
    assert [each["name"] for each in whole["policies"]] == [
        "MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy"
    ]  # fmt: skip
