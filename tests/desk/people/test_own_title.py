"""The title below one's name in e-mails: one's own to change, shown beside the composer, in the audit trail."""

from __future__ import annotations

import pytest

from odziv.store.agents.agent import find_agent
from odziv.store.audit import list_entries
from odziv.store.lengths import LONGEST_AGENT_TITLE
from tests.fixtures import set_contact, with_mail


@pytest.fixture
def settings(settings):
    return with_mail(settings)


def test_it_is_changed_shown_and_written_down(ana, taken, store):
    assert ana.post("/desk/account/title", title=" Customer  <b>support ").status_code == 303
    assert find_agent(store, ana.agent.id).title == "Customer <b>support"
    assert 'value="Customer &lt;b&gt;support"' in ana.get("/desk/account").get_data(as_text=True)
    [entry] = list_entries(store, action="title_changed")
    assert entry.detail == {"before": None, "after": "Customer <b>support"}
    set_contact(store, taken.id, email="anna@customer.example")
    page = ana.get(taken.path).get_data(as_text=True)
    assert "Ana Kovač\nCustomer &lt;b&gt;support\nSmreka</p>" in page


def test_it_can_be_taken_away_and_too_long_a_one_is_none(ana, store):
    ana.post("/desk/account/title", title="Support")
    assert ana.post("/desk/account/title", title="x" * (LONGEST_AGENT_TITLE + 1)).status_code == 422
    assert find_agent(store, ana.agent.id).title == "Support"
    ana.post("/desk/account/title", title="")
    assert find_agent(store, ana.agent.id).title is None
