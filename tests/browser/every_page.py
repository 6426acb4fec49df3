"""Every page of the desk, with something on each: for axe, and for the walk in each of the desk's languages."""

from __future__ import annotations

import pytest

from odziv.desk.frame.roles import desk_routes
from odziv.desk.people import passwords
from odziv.desk.settings.sections import PAGES
from odziv.store.customers.erasures import begin_erasure
from odziv.store.customers.exports import (
    CONVERSATIONS,
    CUSTOMER,
    begin_export,
    fail_export,
    finish_export,
    note_progress,
    take_export,
)
from odziv.store.knowledge.topic_gaps import note_topic_gaps
from odziv.store.settings.changes import change_values
from tests.browser.busy_day import Day, fill_day
from tests.desk.conftest import PASSWORD
from tests.fake_encoder import FakeEncoder
from tests.fake_topics import ASKED, RETURN, WRAPPING, fake_topics
from tests.scratch_articles import write

# Answers to GET that are no pages: files, streams, data, redirects, and parts of pages that are seen as a whole.
NO_PAGES = {"static", "show_start", "stream_events", "stay_alive", "show_news", "export_report", "refresh_list",
            "refresh_log", "show_part", "show_customer", "show_knowledge", "show_attachment", "list_colleagues",
            "list_replies_for", "find_customers", "show_original",
            "show_state", "show_texts", "download_export", "show_manifest", "show_worker"}  # fmt: skip


def pages(app, day: Day) -> dict[str, list[str]]:
    """The addresses of every page, by its name. A new page that takes an id has to be given one here."""
    given = {
        "show_conversation": [{"conversation_id": c} for c in (day.mine, day.waiting[0], day.snoozed, day.spam)],
        "show_erasure_plan": [{"conversation_id": day.mine}],
        "show_export_plan": [{"conversation_id": day.mine}],
        "show_learning": [{"conversation_id": day.mine, "seq": day.answer_seq}],
        "show_forward": [{"conversation_id": day.mine}],
        "show_reply": [{"reply_id": 1}],
        "show_macro": [{"macro_id": 1}],
        "show_rule": [{"rule_id": 1}],
        "show_dry_run": [{"rule_id": 1}],
        "show_macros_for": [{"conversation_id": day.mine}],
        "show_macro_preview": [{"conversation_id": c, "macro_id": 1} for c in (day.mine, day.waiting[0])],
        "show_aside_mail": [{"mail_id": day.aside}],
        "show_webhook": [{"webhook_id": day.webhook}],
        "show_invitation": [{"token": day.invitation}, {"token": "gone"}],
        "show_reset": [{"token": day.reset}, {"token": "gone"}],
        "show_new_article": [{"topic": WRAPPING}],
        "show_section": [{"section": section} for section in PAGES],
        "show_site": [{"key": "demo"}],
        "show_preview": [{"key": "demo", "color": "#aa3311"}],
        "show_nothing": [{"_anything": "nowhere"}],
    }
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            name = rule.endpoint.removeprefix("desk.")
            if "GET" in rule.methods and name in desk_routes.needs and name not in NO_PAGES:
                found[name] = [app.url_for(rule.endpoint, **values) for values in given.get(name, [{}])]
    return found


@pytest.fixture
def day(store, kb, folder) -> Day:
    """A busy day, with the library on: a topic that is proposed, one that customers miss, and a draft with a gap."""
    write(folder, "en/orders/back", "Giving it back", [ASKED[RETURN]])
    write(folder, "en/orders/late", "Late", body="In [[how many days]].", status="draft")
    kb._topics, kb._library = fake_topics(FakeEncoder()), ["returns"]
    kb.refresh()
    day = fill_day(store, passwords.hash_password(PASSWORD))
    begin_erasure(store, ("0" * 24,), (), None)
    begin_export(store, CONVERSATIONS, {"site": "demo", "since": None, "until": None}, 40, day.me.id)
    finish_export(store, take_export(store), 40, 70_000)
    begin_export(store, CUSTOMER, {"conversations": [day.mine], "addresses": [], "from": day.mine}, 3, day.me.id)
    fail_export(store, take_export(store), "It could not be written: No space left on device.")
    begin_export(store, CONVERSATIONS, {"site": None, "since": 1_767_225_600_000, "until": None}, 12, day.me.id)
    note_progress(store, take_export(store), 5)
    change_values(store, day.me.id, {"sites/demo/color": "#aa3311", "later/key": 1}, seen=0)
    with store.write() as connection:
        note_topic_gaps(connection, day.mine, 1, [{"missing": {"topic": WRAPPING}}])
    return day
