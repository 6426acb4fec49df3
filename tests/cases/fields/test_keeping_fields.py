"""The list of fields: names, kinds, choices that are in use, order, and what is none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.cases.fields import catalogue
from odziv.cases.fields.catalogue import ABOUT, KINDS, MOST_CHOICES, NewField
from odziv.cases.fields.values import fill_in
from odziv.cases.refused import Kind, Refused
from odziv.store.audit import list_entries
from odziv.store.fields import fields as stored
from odziv.store.fields.fields import count_filled, list_fields, raise_field
from odziv.store.fields.values import list_values
from odziv.store.lengths import LONGEST_FIELD_NAME


@pytest.fixture
def add(store, settings, ana):
    def add(name: str, **more) -> int:
        return catalogue.add_field(store, settings, ana, NewField(name, **more))

    return add


def names(store, site=None, **more) -> list[str]:
    return [field.name for field in list_fields(store, site, **more)]


def test_kept_in_order_those_of_customers_first(store, add):
    add("Order"), add("Plan", about="customer"), add("Theirs", site="other"), add("Since", kind="date", site="demo")
    assert names(store) == ["Plan", "Order", "Theirs", "Since"]
    assert names(store, "demo") == ["Plan", "Order", "Since"]
    by_name = {field.name: field.id for field in list_fields(store)}
    raise_field(store, by_name["Since"])
    raise_field(store, by_name["Since"])
    raise_field(store, by_name["Since"])
    assert names(store) == ["Plan", "Since", "Order", "Theirs"] and not raise_field(store, 4711)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * (LONGEST_FIELD_NAME + 1), "\x00\x07"])
def test_a_name_can_be_read_and_is_short(add, store, name):
    with pytest.raises(Refused) as refused:
        add(name)
    assert refused.value.kind is Kind.UNFIT and names(store) == []


@pytest.mark.parametrize("more", [{"about": "agent"}, {"kind": "regex"}, {"site": "no"}, {"about": ""}])
def test_what_about_of_which_kind_and_site_are_of_those_there_are(add, store, more):
    with pytest.raises(Refused) as refused:
        add("A", **more)
    assert refused.value.kind is Kind.INVALID and names(store) == []


def test_names_are_told_apart_by_more_than_case(add):
    add("Naročilo", site="demo"), add("Naročilo", site="other")
    for site in ("", "demo"):
        with pytest.raises(Refused, match="already"):
            add("NAROČILO", site=site, about="customer")


def test_many_at_once_make_one_of_a_name(store, add):
    def add_one(_) -> bool:
        try:
            return bool(add("Plan"))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(add_one, range(16))).count(True) == 1
    assert names(store) == ["Plan"]


@pytest.mark.parametrize("choices", [(), ("", " "), ("x" * 201,), tuple(map(str, range(MOST_CHOICES + 1))), ("\x00",)])
def test_a_choice_has_some_that_can_be_read(add, store, choices):
    with pytest.raises(Refused, match="Not saved"):
        add("Plan", kind="choice", choices=choices)
    assert names(store) == []


def test_choices_are_clean_and_each_once(add, store):
    add("Plan", kind="choice", choices=(" Gold ", "gold", "", "Silver  one"))
    add("Text", choices=("x",))
    assert [field.choices for field in list_fields(store)] == [["gold", "Silver one"], None]


def test_a_choice_in_use_does_not_vanish(store, ana, waiting, add):
    field = add("Plan", kind="choice", choices=("Gold", "Silver", "None"))
    fill_in(store, ana, waiting, field, "Gold")
    with pytest.raises(Refused, match="1 conversation has “Gold”"):
        catalogue.change_field(store, ana, field, NewField("Plan", choices=("Silver",)))
    catalogue.change_field(store, ana, field, NewField("Tariff", choices=("Silver", "Gold"), required=True))
    [changed] = list_fields(store)
    assert (changed.name, changed.choices, changed.required) == ("Tariff", ["Silver", "Gold"], True)
    assert list_values(store, waiting) == {field: "Gold"}


def test_archived_it_is_offered_no_more_and_what_is_known_stays(store, settings, ana, waiting, add):
    field = add("Order")
    fill_in(store, ana, waiting, field, "4711")
    for _ in range(2):
        catalogue.archive_field(store, ana, field, archived=True)
    assert names(store) == [] and names(store, archived=True) == ["Order"] and count_filled(store) == {field: 1}
    with pytest.raises(Refused, match="no such field"):
        fill_in(store, ana, waiting, field, "4712")
    with pytest.raises(Refused, match="already"):  # it may come back
        add("order")
    catalogue.archive_field(store, ana, field, archived=False)
    assert names(store) == ["Order"] and list_values(store, waiting) == {field: "4711"}
    assert len(list_entries(store, action="field_archived")) == len(list_entries(store, action="field_restored")) == 1


def test_there_are_so_many_at_most(add, monkeypatch):
    monkeypatch.setattr(stored, "MOST_FIELDS", 1)
    add("One")
    with pytest.raises(Refused, match="already"):
        add("Two")


def test_one_there_isn_t_is_refused(store, ana):
    for attempt in (
        lambda: catalogue.change_field(store, ana, 4711, NewField("A")),
        lambda: catalogue.archive_field(store, ana, 4711, archived=True),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.kind is Kind.NOT_FOUND


def test_everything_there_is_has_its_word():
    assert set(ABOUT) == {stored.CUSTOMER, stored.CONVERSATION}
    assert set(KINDS) == {stored.TEXT, stored.NUMBER, stored.CHOICE, stored.DATE}
