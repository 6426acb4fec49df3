"""Labels, fields, saved replies, views and macros by a token: made once, changed whole, ordered and deleted."""

from __future__ import annotations

import pytest

from odziv.cases.fields.values import fill_in
from odziv.store.agents.agent import find_agent
from odziv.store.engine import DAY_MS
from odziv.store.fields.fields import list_fields
from odziv.store.labels.labels import list_labels
from odziv.store.labels.marks import list_labels_of
from odziv.store.lists.made import KEPT_MS

NEW = {
    "labels": {"name": "VIP", "colour": "purple"},
    "fields": {"name": "Order number", "about": "conversation", "kind": "text"},
    "saved-replies": {"shortcut": "thanks", "name": "Thanks", "texts": {"en": "Thank you!"}},
    "views": {"name": "Waiting", "filters": {"state": ["waiting"], "language": "sl"}, "shared": True},
    "macros": {"name": "Urgent", "shared": True, "steps": {"priority": "urgent"}},
    "rules": {"name": "Money", "event": "customer_wrote", "actions": {"priority": "high"}},
}
ONE = {"labels": "label", "fields": "field", "saved-replies": "saved_reply", "views": "view", "macros": "macro",
       "rules": "rule"}  # fmt: skip


def make(program, what: str, **more) -> int:
    answer = program.post(f"/{what}", {"client_id": f"{what}-1", **NEW[what], **more})
    assert answer.status_code == 201, answer.text
    return answer.get_json()[ONE[what]]["id"]


def listed(program, what: str) -> list[dict]:
    return program.get(f"/{what}").get_json()[what.replace("-", "_")]


@pytest.mark.parametrize("what", NEW)
def test_a_repeat_makes_nothing_and_gives_the_same(boss, clock, what):
    before = len(listed(boss, what))
    first = make(boss, what)
    clock.advance(KEPT_MS - DAY_MS)
    assert make(boss, what) == first and len(listed(boss, what)) == before + 1
    other = boss.post(f"/{what}", {"client_id": f"{what}-1", **NEW[what], "name": "Another"})
    assert other.status_code == 409 and "client_id" in other.get_json()["error"]["message"]
    assert len(listed(boss, what)) == before + 1


def test_an_id_is_one_programs_own_and_forgotten_after_a_week(boss, program, clock):
    first = make(boss, "macros")
    assert make(program("Vera Kos", "admin"), "macros") != first
    clock.advance(KEPT_MS + 1)
    assert make(boss, "macros") != first


@pytest.mark.parametrize("what", NEW)
def test_what_was_refused_can_be_asked_for_again_under_the_same_id(boss, what):
    wrong = {"labels": {"topic": "nowhere"}, "fields": {"kind": "choice"}, "saved-replies": {"texts": {"en": "{{x"}},
             "views": {"name": ""}, "macros": {"steps": {"to": 1}}, "rules": {"actions": {}}}  # fmt: skip
    body = {"client_id": f"{what}-1", **NEW[what]}
    assert boss.post(f"/{what}", {**body, **wrong[what]}).status_code in (400, 422)
    assert boss.post(f"/{what}", body).status_code == 201


@pytest.mark.parametrize("what", NEW)
@pytest.mark.parametrize("wrong", [{"client_id": "a b"}, {"client_id": None}, {"name": "\u200b"}, {"name": 7},
                                   {"name": ""}, {"name": "x" * 500}, {"more": 1}])  # fmt: skip
def test_a_body_is_checked(boss, what, wrong):
    before = listed(boss, what)
    assert boss.post(f"/{what}", {"client_id": "x", **NEW[what], **wrong}).status_code == 400
    made = make(boss, what) if "name" in wrong else None
    if made:
        changed = {name: value for name, value in NEW[what].items() if name not in ("about", "kind")}
        more = {"version": 1} if what == "saved-replies" else {}
        assert boss.call("PUT", f"/{what}/{made}", {**changed, **more, **wrong}).status_code == 400
    else:
        assert listed(boss, what) == before


def test_a_label_is_changed_and_deleted_from_every_conversation(store, boss, ana, waiting):
    made = make(boss, "labels")
    ana.post(f"/conversations/{waiting.id}/labels", {"label": made})
    changed = boss.call("PUT", f"/labels/{made}", {"name": "Gold", "colour": "yellow"}).get_json()["label"]
    assert changed == {"id": made, "name": "Gold", "colour": "yellow", "site": None, "topic": None}
    assert boss.post("/labels", {"client_id": "n", "name": "gold", "colour": "red"}).status_code == 409
    assert boss.call("DELETE", f"/labels/{made}").status_code == 204
    assert list_labels(store) == [] and not list_labels_of(store, [waiting.id])
    assert boss.call("DELETE", f"/labels/{made}").status_code == 404
    # what was made is gone since: a repeat doesn't bring it back
    assert boss.post("/labels", {"client_id": "labels-1", **NEW["labels"]}).status_code == 404


def test_a_field_is_changed_ordered_archived_and_offered_again(store, boss, ana, waiting):
    first = make(boss, "fields")
    choice = {"name": "Size", "kind": "choice", "choices": ["S", "M"]}
    second = make(boss, "fields", client_id="second", **choice)
    assert [one["id"] for one in listed(ana, "fields")] == [first, second]
    for _ in range(2):
        assert boss.post(f"/fields/{second}/move", {"before": first}).status_code == 204
        assert [one.id for one in list_fields(store)] == [second, first]
    assert boss.post(f"/fields/{second}/move", {"before": None}).status_code == 204
    assert [one.id for one in list_fields(store)] == [first, second]
    fill_in(store, find_agent(store, ana.agent.id), waiting.id, second, "M")
    changed = {"name": "Size", "choices": ["S", "L"]}
    assert boss.call("PUT", f"/fields/{second}", changed).status_code == 409
    kept = boss.call("PUT", f"/fields/{second}", {**changed, "choices": ["M", "L"], "required": True}).get_json()[
        "field"
    ]
    assert (kept["choices"], kept["required"], kept["kind"]) == (["M", "L"], True, "choice")
    for path, archived in (("archive", True), ("archive", True), ("restore", False)):
        assert boss.post(f"/fields/{first}/{path}").get_json()["field"]["archived"] is archived
        assert (first in [one["id"] for one in listed(ana, "fields")]) is not archived
        every = ana.get("/fields?archived=true").get_json()["fields"]
        assert {one["id"] for one in every} == {first, second}


def test_fields_of_customers_and_of_conversations_are_ordered_apart(boss):
    first, second = make(boss, "fields"), make(boss, "fields", client_id="c", name="Tax number", about="customer")
    assert boss.post(f"/fields/{first}/move", {"before": second}).status_code == 404


def test_a_saved_reply_is_kept_by_version_and_filled_in(boss, ana, program, waiting):
    editor = program("Vera Kos", "editor")
    texts = {"sl": "Dober dan, {{agent.first_name}}.", "en": "Hello, {{agent.first_name}}."}
    made = make(editor, "saved-replies", texts=texts)
    [reply] = listed(ana, "saved-replies")
    assert (reply["texts"], reply["version"]) == (texts, 1)
    filled = ana.get(f"/conversations/{waiting.id}/saved-replies").get_json()["saved_replies"]
    assert filled == [{"shortcut": "thanks", "name": "Thanks", "language": "sl", "text": "Dober dan, Ana."}]
    changed = {**NEW["saved-replies"], "version": 1, "texts": {"sl": "Hvala."}}
    assert editor.call("PUT", f"/saved-replies/{made}", changed).get_json()["saved_reply"]["version"] == 2
    assert editor.call("PUT", f"/saved-replies/{made}", changed).status_code == 409
    assert make(editor, "saved-replies", client_id="s2", shortcut="bye") != made
    taken = {**NEW["saved-replies"], "shortcut": "bye", "version": 2}
    assert editor.call("PUT", f"/saved-replies/{made}", taken).status_code == 422
    assert editor.call("DELETE", f"/saved-replies/{made}?version=1").status_code == 409
    assert editor.call("DELETE", f"/saved-replies/{made}?version=2").status_code == 204
    assert editor.call("DELETE", f"/saved-replies/{made}?version=2").status_code == 404


def test_a_text_in_a_language_that_is_not_served_is_not_dropped_silently(app, boss, settings):
    app.extensions["odziv"].settings = settings.model_copy(update={"languages": ["en"]})
    body = {"client_id": "x", **NEW["saved-replies"], "texts": {"en": "Hi", "pl": "Cześć"}}
    answer = boss.post("/saved-replies", body)
    assert answer.status_code == 409 and "pl" in answer.get_json()["error"]["message"]
    assert listed(boss, "saved-replies") == []


def test_views_are_their_owners_and_shared_ones_everybodys(ana, marek, boss):
    made = make(ana, "views")
    [view] = listed(marek, "views")
    assert (view["filters"], view["owner"], view["may_change"]) == (NEW["views"]["filters"], "Ana Kovač", False)
    changed = {"name": "Mine", "filters": {"q": "paket & co", "order": "quiet", "since": "2026-11-01"}}
    assert marek.call("PUT", f"/views/{made}", changed).status_code == 403
    assert marek.call("DELETE", f"/views/{made}").status_code == 403
    shown = ana.call("PUT", f"/views/{made}", changed).get_json()["view"]
    assert (shown["filters"], shown["shared"], shown["may_change"]) == (changed["filters"], False, True)
    assert listed(marek, "views") == []
    for nobodys in (marek, boss):
        assert nobodys.call("DELETE", f"/views/{made}").status_code == 404
    assert ana.call("DELETE", f"/views/{made}").status_code == 204 and listed(ana, "views") == []


@pytest.mark.parametrize("filters", [{"state": ["gone"]}, {"since": "2026-02-30"}, {"since": "yesterday"},
                                     {"order": "best"}, {"agent": "0"}, {"rating": 5}, {"after": "1~x"},
                                     {"language": "xx"}])  # fmt: skip
def test_filters_that_are_none_are_refused(ana, filters):
    assert ana.post("/views", {"client_id": "x", "name": "X", "filters": filters}).status_code == 400


def test_macros_are_ones_own_or_everybodys(ana, marek, boss):
    assert ana.post("/macros", {"client_id": "x", **NEW["macros"]}).status_code == 403
    own, shared = make(ana, "macros", shared=False), make(boss, "macros")
    shown = {one["id"]: one for one in listed(ana, "macros")}
    assert shown[shared]["steps"]["priority"] == "urgent" and shown[shared]["does"] == ["Sets the priority to urgent."]
    assert [one["id"] for one in listed(marek, "macros")] == [shared]
    changed = {"name": "Calm", "shared": False, "steps": {"priority": "normal", "end": "snooze", "snooze": "week"}}
    assert ana.call("PUT", f"/macros/{shared}", changed).status_code == 403
    kept = ana.call("PUT", f"/macros/{own}", changed).get_json()["macro"]
    assert (kept["name"], kept["steps"]["snooze"]) == ("Calm", "week")
    # what is read can be sent as it is
    assert (
        ana.call("PUT", f"/macros/{own}", {name: kept[name] for name in ("name", "shared", "steps")}).get_json()[
            "macro"
        ]
        == kept
    )
    second = make(ana, "macros", client_id="second", shared=False)
    assert ana.post(f"/macros/{second}/move", {"before": own}).status_code == 204
    assert [one["id"] for one in listed(ana, "macros")] == [shared, second, own]
    assert ana.post(f"/macros/{second}/move", {"before": shared}).status_code == 404
    assert marek.call("DELETE", f"/macros/{own}").status_code == 404
    assert ana.call("DELETE", f"/macros/{own}").status_code == 204


@pytest.mark.parametrize("what", ["labels", "fields", "saved-replies", "rules"])
def test_what_is_everybodys_is_not_an_agents_to_keep(boss, ana, what):
    made = make(boss, what)
    assert ana.post(f"/{what}", {"client_id": "x", **NEW[what]}).status_code == 403
    assert ana.call("PUT", f"/{what}/{made}", NEW[what]).status_code == 403
    assert ana.call("DELETE", f"/{what}/{made}").status_code in (403, 405)
