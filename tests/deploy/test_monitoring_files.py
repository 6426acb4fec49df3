"""Dashboard and alerts name only what /metrics has, and Prometheus and Grafana can read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from prometheus_client import ProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from kb.model.confidence import CAREFUL

DEPLOY = Path(__file__).parents[2] / "deploy"
BOARD = json.loads((DEPLOY / "grafana" / "odziv.json").read_text("utf-8"))
RULES = yaml.safe_load((DEPLOY / "prometheus" / "odziv-alerts.yml").read_text("utf-8"))
SCRAPE = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
EXPRESSIONS += [rule["expr"] for rule in ALERTS]
NAME = re.compile(r"\b(?:odziv|process)_[a-z_]+")
FILTER = re.compile(r'(\w+)(=~|=)"([^"]*)"')


@pytest.fixture
def told(client, services, visitor, run_turns, monkeypatch):
    """The samples of an installation that has everything, and in which everything has happened once."""
    services.redis = SimpleNamespace(trouble=None)
    monkeypatch.setattr(type(services.store.files), "elsewhere", "s3://bucket")
    visitor.say("How do I return boots?")
    run_turns()
    services.bot.says = [{"custom": {"handoff": {"reason": "failure"}}}]
    visitor.say("And now?", "c2")
    run_turns()
    for way, outcome in (("in", "aside"), ("in", "unreadable"), ("out", "sent")):
        services.figures.count_mail(way, outcome)
    services.figures.count_turn("failed", 0.1)
    ProcessCollector(namespace="odziv_worker", registry=services.figures.registry)  # as a web process passes it on
    services.kb.shelf = {("a", "en"): SimpleNamespace(language="en")}
    services.kb.calibration = {"en": CAREFUL}
    families = text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
    return [sample for family in families for sample in family.samples]


def test_every_figure_they_name_is_there(told):
    names = {sample.name for sample in told}
    assert {name for expression in EXPRESSIONS for name in NAME.findall(expression)} - names == set()


def test_every_label_they_filter_by_has_such_values(told):
    for expression in EXPRESSIONS:
        for name, _, filters in re.findall(r"\b((?:odziv)_[a-z_]+)(\{([^}]*)\})", expression):
            for label, kind, value in FILTER.findall(filters):
                values = value.split("|") if kind == "=~" else [value]
                known = {sample.labels.get(label) for sample in told if sample.name == name}
                assert set(values) - known == set(), expression


def test_every_figure_is_on_the_dashboard(told):
    shown = " ".join(target["expr"] for panel in BOARD["panels"] for target in panel["targets"])
    ours = {sample.name for sample in told if sample.name.startswith("odziv_")}
    families = {re.sub("_(bucket|count|sum|created)$", "", name) for name in ours}
    of_process = "odziv_worker_process_"  # of these, as of process_, what matters
    assert {name for name in families if name not in shown and not name.startswith(of_process)} == set()


def test_every_alert_says_what_to_do():
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS) > 10
    for rule in ALERTS:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "what_to_do"}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_brackets_close(expression):
    stack: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in "([{":
            stack.append({"(": ")", "[": "]", "{": "}"}[sign])
        elif sign in ")]}":
            assert stack.pop() == sign
    assert stack == []


def test_panels_lie_beside_each_other_and_know_their_source():
    taken = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["datasource"]["uid"] == "${source}"
    assert [variable["name"] for variable in BOARD["templating"]["list"]] == ["source"]
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_scrape_asks_where_the_figures_are(settings):
    [job] = SCRAPE["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{settings.port}"]}]
    assert SCRAPE["rule_files"] == ["odziv-alerts.yml"] and (DEPLOY / "prometheus" / "odziv-alerts.yml").exists()
    assert 'up{job="odziv"}' in ALERTS[0]["expr"] and job["job_name"] == "odziv"
