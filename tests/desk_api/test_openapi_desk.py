"""docs/openapi-desk.yml has the calls, bodies and events of the code, and both descriptions are served."""

from __future__ import annotations

import re

import yaml

from odziv.desk.api import bodies
from odziv.desk.api.kept import bodies as kept
from odziv.settings import ROOT
from odziv.store.webhooks.events import EVENTS, TEST_EVENT
from tests.desk_api.conftest import API

DOCUMENT = yaml.safe_load((ROOT / "docs" / "openapi-desk.yml").read_text(encoding="utf-8"))


DESCRIBED = ("NewMessage", "NewReply", "NewConversation", "Transfer", "Assignment", "LabelBody", "FieldBody", "Press",
             "SettingsBody", "Merge", "Snooze", "Priority", "Promise", "Customer", "Flag", "Availability",
             "NewPhrasing", "NewDraft", "Several", "LabelMade", "LabelChanged", "FieldMade", "FieldChanged", "Placed",
             "ReplyMade", "ReplyChanged", "Steps", "MacroMade", "MacroChanged", "Conditions", "Actions", "RuleMade",
             "RuleChanged", "Filters", "ViewMade", "ViewChanged", "MentionsRead", "AcceptedDraft")  # fmt: skip
# Where the code has another thing of that name.
CALLED_IN_CODE = {"NewMessage": "NoteBody", "NewReply": "ReplyBody", "Merge": "MergeBody", "Flag": "FlagBody",
                  "LabelChanged": "LabelKept", "FieldChanged": "FieldKept", "Steps": "StepsBody",
                  "MacroChanged": "MacroKept", "Conditions": "ConditionsBody", "Actions": "ActionsBody",
                  "RuleChanged": "RuleKept", "Filters": "FiltersBody", "ViewChanged": "ViewKept"}  # fmt: skip


def test_every_call_is_described_and_every_description_has_a_call(app):
    served = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(API):
            path = re.sub(r"<(?:[^>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix(API))
            served |= {(method.lower(), path) for method in rule.methods - {"HEAD", "OPTIONS"}}
    described = {
        (method, path) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"
    }
    assert described == served and DOCUMENT["openapi"].startswith("3.1")


def test_bodies_and_events_are_those_of_the_code():
    schemas = DOCUMENT["components"]["schemas"]
    for name in DESCRIBED:
        called = CALLED_IN_CODE.get(name, name)
        fields = getattr(bodies if hasattr(bodies, called) else kept, called).model_fields
        schema, sent = schemas[name], {field.alias or name: field for name, field in fields.items()}
        assert set(schema["properties"]) == set(sent)
        assert set(schema.get("required", [])) == {name for name, field in sent.items() if field.is_required()}
    assert schemas["Event"]["properties"]["type"]["enum"] == [*EVENTS, TEST_EVENT]


def test_both_are_served(client):
    for name, title in (("openapi.yml", "widget"), ("openapi-desk.yml", "desk")):
        answer = client.get(f"/api/{name}")
        assert answer.mimetype == "application/yaml" and title in yaml.safe_load(answer.text)["info"]["title"]
        answer.close()
