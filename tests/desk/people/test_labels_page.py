"""The page "Labels": administrators add, change and delete; nobody else gets in."""

from __future__ import annotations

import pytest

from odziv.cases.labels import catalogue
from odziv.cases.labels.catalogue import NewLabel
from odziv.store.labels.labels import list_labels
from odziv.store.labels.marks import put_on


@pytest.fixture
def label(store, settings, boss) -> int:
    return catalogue.add_label(store, settings, boss.agent, NewLabel("VIP", "purple", "orders", "demo")).id


def test_added_shown_changed_and_deleted(store, boss, waiting):
    assert "There are no labels yet" in boss.get("/desk/labels").text
    assert boss.post("/desk/labels", name=" Vračila ", colour="teal", topic="orders", site="demo").status_code == 303
    [label] = list_labels(store)
    assert (label.name, label.colour, label.topic, label.site) == ("Vračila", "teal", "orders", "demo")
    put_on(store, waiting.id, label.id, boss.agent.id)
    page = boss.get("/desk/labels").text
    assert "Added: Vračila." in page and "1 conversation<" in page and "Smreka" in page
    boss.post(f"/desk/labels/{label.id}", name="Vračilo", colour="red", topic="", site="other")
    [changed] = list_labels(store)
    assert (changed.name, changed.colour, changed.topic, changed.site) == ("Vračilo", "red", None, "demo")
    boss.post(f"/desk/labels/{label.id}/delete")
    assert list_labels(store) == [] and "Deleted the label Vračilo." in boss.get("/desk/labels").text


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, store, label, who):
    person = sign_in("Nik Hribar", who)
    assert person.get("/desk/labels").status_code == 403
    for path in ("/desk/labels", f"/desk/labels/{label}", f"/desk/labels/{label}/delete"):
        assert person.post(path, name="Mine", colour="red").status_code == 403
    assert [one.name for one in list_labels(store)] == ["VIP"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "", "colour": "red"}, 422),
        ({"name": "x" * 41, "colour": "red"}, 422),
        ({"name": "New", "colour": "url(x)"}, 400),
        ({"name": "New"}, 400),
        ({"name": "New", "colour": "red", "topic": "../etc"}, 400),
        ({"name": "New", "colour": "red", "site": "nowhere"}, 400),
        ({"name": "vip", "colour": "red"}, 409),
    ],
)
def test_what_is_no_label_is_refused_with_a_sentence(store, boss, label, fields, status):
    answer = boss.post("/desk/labels", **fields)
    assert answer.status_code == status and ("Not saved" in answer.text or "lease choose" in answer.text)
    assert [one.name for one in list_labels(store)] == ["VIP"]


@pytest.mark.parametrize("number", ["0", "4711", str(2**63 - 1)])
def test_one_there_isn_t_is_not_found(boss, number):
    assert boss.post(f"/desk/labels/{number}", name="X", colour="red").status_code == 404
    assert boss.post(f"/desk/labels/{number}/delete").status_code == 404
