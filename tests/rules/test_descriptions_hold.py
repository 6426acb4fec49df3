"""Schemathesis against the real application: what the OpenAPI descriptions say is what the server does.

Each call is made with the description's examples, with every edge of its schema, and with random right and wrong data.
"""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest
import yaml
from werkzeug.serving import make_server

from odziv.desk.people import passwords
from odziv.settings import ROOT, Settings
from odziv.store.agents.agent import accept_invitation, invite
from odziv.store.agents.tokens import make_token
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.handoffs.handoff import add_handoff
from odziv.wiring import build_services
from server import create_app
from tests.fake_encoder import FakeEncoder
from tests.fakes import FakeBot

# Which bytes are a picture can't be described.
FILES = {"include-operation-id": "postAttachment", "checks": {"positive_data_acceptance": {"enabled": False}}}
# Which settings there are goes by the websites, languages and categories there are, and what fits by the setting.
SETTINGS = {"include-operation-id": "patchSettings", "checks": {"positive_data_acceptance": {"enabled": False}}}
# Which steps, conditions and categories there are goes by what else is kept, a text has to show something, and an
# address has to be one.
KEPT = ["postNewRule", "putChangedRule", "postNewMacro", "putChangedMacro", "postNewReply", "putChangedReply",
        "postNewLabel", "putChangedLabel", "postNewField", "putChangedField", "postSeveral", "postAddress",
        "postForward"]  # fmt: skip
KEPT_THINGS = {"include-operation-id": KEPT, "checks": {"positive_data_acceptance": {"enabled": False}}}
ARTICLE = "---\ntitle: Returns\nquestions: ['How do I return this?']\nstatus: published\n---\nYou have 14 days.\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The application without limits, a conversation that waits, and a token and a visitor that may do everything."""
    folder = tmp_path_factory.mktemp("described")
    (folder / "articles" / "en" / "orders").mkdir(parents=True)
    (folder / "articles" / "en" / "orders" / "return.md").write_text(ARTICLE)
    names = ("messages_per_minute_per_visitor", "messages_per_minute_per_address", "calls_per_minute_per_token")
    limits = dict.fromkeys((*names, "conversations_per_minute_per_address"), 10**6)
    where = {"var": folder / "var", "articles": folder / "articles"}
    settings = Settings(sites={"demo": {"name": "Smreka"}}, limits=limits, **where)
    app = create_app(build_services(settings, encoder=FakeEncoder(), bot=FakeBot()))
    sys_api().FAILED_PER_MINUTE, kept = 10**6, sys_api().FAILED_PER_MINUTE
    services = app.extensions["odziv"]
    store, _ = services.store, services.kb  # the knowledge base is opened when first asked for, which takes seconds
    admin = accept_invitation(store, invite(store, "a@x.example", "admin"), "a@x.example", "Ana", passwords_hash())
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "Hello", "<p>Hello</p>")
    with store.write() as connection:
        add_handoff(connection, conversation.id, "requested", "en")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{server.server_port}",
        conversation=conversation.id,
        token=make_token(store, admin.id, "Everything", "admin", days=None)[1],
        visitor=services.visitor_tokens.issue(conversation.id, "demo"),
    )
    sys_api().FAILED_PER_MINUTE = kept
    server.shutdown()
    server.server_close()
    thread.join(10)
    services.stop()


def sys_api():
    return sys.modules["odziv.desk.api.blueprint"]


def passwords_hash() -> str:
    return passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("correct horse battery")


def run(served, name: str, prefix: str, token: str, operations: list[dict]) -> None:
    """Fails with whatever doesn't hold, in every phase: a line for each failed check of each call."""
    document = yaml.safe_load((ROOT / "docs" / name).read_text(encoding="utf-8"))
    document["servers"] = [{"url": f"{served.url}{prefix}"}]
    document["paths"].pop("/conversations/{conversation_id}/events", None)  # a stream, which never ends
    # Here, as it takes a second to load and reading this file should not.
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

    config = {
        "generation": {"max-examples": 2, "deterministic": True, "database": "none", "no-shrink": True},
        "base-url": f"{served.url}{prefix}",
        "headers": {"Authorization": f"Bearer {token}"},
        # Random ids find nothing; so here it is one that is there.
        "parameters": {"path.conversation_id": served.conversation},
        "operations": operations,
        # Chains of calls lead nowhere: a visitor's token opens its own conversation, not the one just created.
        "phases": {"stateful": {"enabled": False}},
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))
    found, calls = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.info.format()}")
        if isinstance(event, events.ScenarioFinished):
            calls += len(event.recorder.interactions)
            found += failures_of(event.recorder)
    assert calls > 100, "hardly anything was called"
    assert not found, "\n".join(found)


def failures_of(recorder) -> list[str]:
    return [
        f"{recorder.label}: {check.name}: {check.failure_info.failure}: {check.failure_info.code_sample}"
        for checks in recorder.checks.values()
        for check in checks
        if check.failure_info is not None
    ]


@pytest.mark.slow
def test_the_desks_interface_is_as_described(served):
    keep = {"include-operation-id": "deleteConversation", "parameters": {"path.conversation_id": "nobodys"}}
    run(served, "openapi-desk.yml", "/api/desk/v1", served.token, [keep, FILES, SETTINGS, KEPT_THINGS])


@pytest.mark.slow
def test_the_widgets_interface_is_as_described(served):
    # Where an article may be called orders/feedback, one path is two calls, and `Allow` names the methods of both.
    both = {"include-operation-id": "postFeedback", "checks": {"allow_header_conformance": {"enabled": False}}}
    keep = {"include-operation-id": "deleteConversations", "parameters": {"path.conversation_id": "nobodys"}}
    run(served, "openapi.yml", "/api/v1", served.visitor, [both, FILES, keep])
