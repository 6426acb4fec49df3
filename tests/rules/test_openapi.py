"""docs/openapi.yml says what odziv/chat/api.py does: the same calls, fields and error codes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from odziv.cases.bot_replies import Answer, Button
from odziv.cases.customers.customer_details import BrowserFacts, ContactChange
from odziv.chat.ratings import NewRating
from odziv.help.feedback import NewFeedback
from odziv.settings import Settings
from odziv.web.attachments import ENDINGS
from odziv.web.bodies import CustomerMessageBody, NewConversation, PressedButton
from odziv.web.errors import CODES

ROOT = Path(__file__).parents[2]
DOORS = ("chat", "web", "cases")  # where the errors of the widget's interface are raised
PREFIX = "/api/v1"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docs" / "openapi.yml").read_text(encoding="utf-8"))


def schema_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return document["components"]["schemas"][name]


def references(node: Any):
    """Every `$ref` below `node`."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from references(child)


def served_calls(app) -> set[tuple[str, str]]:
    calls = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))
            calls |= {(method, path) for method in rule.methods - {"HEAD", "OPTIONS"}}
    return calls


def test_every_call_is_described_and_every_description_has_a_call(app, document):
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    assert described == served_calls(app)
    assert document["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_path_parameter_is_described(document):
    parameters = document["components"]["parameters"]
    for path, item in document["paths"].items():
        given = [reference.rsplit("/", 1)[-1] for reference in references(item.get("parameters", []))]
        assert set(re.findall(r"{(\w+)}", path)) == {parameters[name]["name"] for name in given}, path


def test_error_codes_are_those_of_the_code(document):
    source = "".join(
        path.read_text(encoding="utf-8") for door in DOORS for path in (ROOT / "odziv" / door).glob("*.py")
    )
    raised = set(re.findall(r'ApiError\(\s*\d{3}, "(\w+)"', source))
    described = schema_of(document, "Error")["properties"]["error"]["properties"]["code"]["enum"]
    assert set(described) == raised | set(CODES.values()) | {"internal_error"}


@pytest.mark.parametrize(
    ("model", "find"),
    [
        (NewConversation, lambda d: schema_of(d, "NewConversation")),
        (BrowserFacts, lambda d: schema_of(d, "BrowserFacts")),
        (ContactChange, lambda d: schema_of(d, "ContactChange")),
        (CustomerMessageBody, lambda d: schema_of(d, "NewMessage")),
        (PressedButton, lambda d: schema_of(d, "NewMessage")["properties"]["button"]),
        (NewRating, lambda d: schema_of(d, "NewRating")),
        (NewFeedback, lambda d: schema_of(d, "NewFeedback")),
        (Answer, lambda d: schema_of(d, "Answer")),
    ],
)
def test_bodies_have_the_fields_of_the_code(document, model, find):
    schema = find(document)
    assert set(schema["properties"]) == set(model.model_fields)
    assert set(schema["required"]) == {name for name, field in model.model_fields.items() if field.is_required()}


def test_a_client_id_and_button_kinds_are_limited_alike(document):
    pattern = CustomerMessageBody.model_fields["client_id"].metadata[0].pattern
    assert schema_of(document, "NewMessage")["properties"]["client_id"]["pattern"] == pattern
    kinds = schema_of(document, "Button")["properties"]["kind"]["enum"]
    assert Button.model_fields["kind"].metadata[0].pattern == f"^({'|'.join(kinds)})$"


def test_kinds_of_files_are_those_that_get_in(document):
    assert schema_of(document, "Attachment")["properties"]["type"]["enum"] == list(ENDINGS)


def test_languages_are_those_that_can_be_set(document):
    languages = get_args(get_args(Settings.model_fields["languages"].annotation)[0])
    assert schema_of(document, "Conversation")["properties"]["language"]["enum"] == list(languages)


def test_what_is_sent_has_the_described_fields(document, visitor, run_turns):
    visitor.say("How do I return a tent?")
    run_turns()
    own, answer = visitor.messages()
    message = schema_of(document, "Message")
    assert set(own) == set(message["properties"])
    assert set(answer) == set(message["required"])
    assert set(answer["answer"]) == set(schema_of(document, "Answer")["properties"])
    assert all(set(button) == set(schema_of(document, "Button")["properties"]) for button in answer["buttons"])
    assert set(visitor.log()["conversation"]) == set(schema_of(document, "Conversation")["properties"])
