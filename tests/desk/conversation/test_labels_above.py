"""Labels above a conversation and on its cards: what is offered, proposed, shown, and what a forged press does."""

from __future__ import annotations

import re

import pytest

from odziv.cases.labels import catalogue
from odziv.cases.labels.catalogue import NewLabel
from odziv.store.labels.marks import list_labels_of


@pytest.fixture
def add(store, settings, boss):
    def add(name: str, colour: str = "red", topic: str | None = None, site: str = "") -> int:
        return catalogue.add_label(store, settings, boss.agent, NewLabel(name, colour, topic, site)).id

    return add


def shown(page) -> list[str]:
    """The labels a page shows, beside those that can be pressed."""
    return re.findall(r'<span class="label label-[a-z]+">([^<]*)</span>', page.text)


def on(store, waiting) -> list[str]:
    return [label.name for label in list_labels_of(store, [waiting.id]).get(waiting.id, [])]


def test_put_on_shown_and_taken_off(store, ana, marek, waiting, add):
    vip, late = add("VIP", "purple"), add("Late")
    assert "Labels…" in ana.get(waiting.path).text and shown(ana.get(waiting.path)) == []
    for label in (vip, late):
        assert ana.post(f"{waiting.path}/labels/{label}/add").location == waiting.path
    assert (
        "Late" in shown(marek.get("/desk/queue")) and 'class="label label-purple">VIP' in marek.get("/desk/queue").text
    )
    page = marek.get(waiting.path).text
    assert page.count('aria-pressed="true"') == 2 + page.count('aria-pressed="true">Normal')
    marek.post(f"{waiting.path}/labels/{vip}/remove")
    assert on(store, waiting) == ["Late"]


def test_the_category_proposes_one_until_it_is_on(store, ana, waiting, add):
    returns = add("Vračila", topic="orders")  # what the bot thought of
    add("Dostava", topic="delivery")
    page = ana.get(waiting.path).text
    assert "+ Vračila" in page and "+ Dostava" not in page
    ana.post(f"{waiting.path}/labels/{returns}/add")
    assert "+ Vračila" not in ana.get(waiting.path).text and on(store, waiting) == ["Vračila"]


def test_without_labels_there_is_no_menu(ana, waiting):
    assert "Labels…" not in ana.get(waiting.path).text


def test_those_of_another_site_are_not_offered_and_not_put_on_by_hand(store, ana, waiting, add):
    other = add("Theirs", site="other")
    assert "Theirs" not in ana.get(waiting.path).text
    assert ana.post(f"{waiting.path}/labels/{other}/add").status_code == 409 and on(store, waiting) == []


@pytest.mark.parametrize("label", ["0", "4711", str(2**63 - 1)])
def test_what_is_none_is_refused(ana, waiting, label):
    assert ana.post(f"{waiting.path}/labels/{label}/add").status_code == 409
    assert ana.post(f"{waiting.path}/labels/{label}/remove").status_code == 303  # it isn't on it, and stays off


@pytest.mark.parametrize("path", ["labels/-1/add", "labels/x/add", f"labels/{2**63}/add", "labels/1/paint", "labels/1"])
def test_what_is_no_address_is_not_found(ana, waiting, path):
    assert ana.post(f"{waiting.path}/{path}").status_code in (404, 405)
    assert ana.post(f"/desk/conversations/nowhere/{path}").status_code in (404, 405)


def test_a_name_is_text_wherever_it_stands(ana, waiting, add):
    label = add("<b>x</b>&", topic="orders")
    ana.post(f"{waiting.path}/labels/{label}/add")
    for path in (waiting.path, "/desk/queue", "/desk/conversations"):
        page = ana.get(path).text
        assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;&amp;" in page


def test_a_page_that_stays_open_shows_what_a_colleague_put_on(ana, marek, waiting, add):
    label = add("VIP")
    before = re.search(r'data-conversation="([^"]*)"', ana.get(waiting.path).text)[1]
    marek.post(f"{waiting.path}/labels/{label}/add")
    state = ana.get(f"/desk/state?conversation={waiting.id}").get_json()
    assert state["marks"]["conversation"] != before
    assert "VIP" in shown(ana.get(f"{waiting.path}/log?after=2&mode=queued"))


def test_the_list_is_filtered_by_a_label_and_views_keep_it(ana, waiting, taken, store, add):
    vip, late = add("VIP"), add("Late")
    ana.post(f"{waiting.path}/labels/{vip}/add")
    assert waiting.id[:6] in ana.get(f"/desk/conversations?label={vip}").text
    assert waiting.id[:6] not in ana.get(f"/desk/conversations?label={late}").text
    kept = ana.post("/desk/views", name="Vips", filters=f"label={vip}&state=open")
    assert kept.location == f"/desk/conversations?state=open&label={vip}"
    assert waiting.id[:6] in ana.get("/desk/conversations?label=%3Cscript%3E").text  # no number: no filter
