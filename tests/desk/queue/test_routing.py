"""Who gets whom: languages, topics, capacity, and what nobody else can take."""

from __future__ import annotations

import pytest

from odziv.cases.routing import Team, choose_agent, fill_in, order_for
from odziv.settings import Desk, Settings
from odziv.store.agents.availability import AgentAvailability
from odziv.store.handoffs.queue_view import Waiting

NOW = 1_800_000_000_000


def agent(
    number: int, languages=("sl",), topics=(), *, open=0, capacity=3, available=True, ago=0, given=0
) -> AgentAvailability:
    return AgentAvailability(
        number, f"Agent {number}", "", False, available, NOW - ago, capacity, languages, topics, open, given
    )


def team(*members: AgentAvailability) -> Team:
    return Team(members, NOW)


def waiting(number: int, language="sl", topic=None, passed_by=None) -> Waiting:
    return Waiting(number, f"c{number}", language, topic, passed_by, language)


def order(me: AgentAvailability, queue: list[Waiting], *others: AgentAvailability) -> list[int]:
    return [w.id for w in order_for(me, queue, team(me, *others))]


def test_with_every_skill_the_order_is_the_queues():
    queue = [waiting(n, language, "orders") for n, language in enumerate(("pl", "sl", "pl"))]
    assert order(agent(1, ("sl", "pl")), queue, agent(2, ("sl", "pl"))) == [0, 1, 2]


def test_the_language_comes_first_and_what_nobody_else_speaks_last():
    queue = [waiting(1, "pl"), waiting(2, "hr"), waiting(3, "sl")]
    assert order(agent(1, ("sl",)), queue, agent(2, ("pl",))) == [3, 2]
    assert order(agent(1, ("sl",)), queue) == [3, 1, 2]


def test_a_topic_is_left_to_a_colleague_who_is_there_and_has_room():
    queue = [waiting(1, topic="orders"), waiting(2, topic="payment"), waiting(3)]
    me = agent(1, topics=("payment",))
    assert order(me, queue, agent(2, topics=("orders",))) == [2, 3]
    for nobody in (
        agent(2, topics=("orders",), open=3),
        agent(2, topics=("orders",), available=False),
        agent(2, topics=("orders",), ago=3_600_000),
        agent(2, ("pl",), topics=("orders",)),
    ):
        assert order(me, queue, nobody) == [1, 2, 3]


def test_what_i_passed_on_comes_back_to_me_only_when_nobody_else_can():
    queue = [waiting(1, passed_by=1), waiting(2)]
    assert order(agent(1), queue, agent(2)) == [2]
    assert order(agent(1), queue) == [1, 2]
    assert order(agent(2), queue, agent(1)) == [1, 2]


def test_one_who_is_away_or_full_takes_the_next_all_the_same():
    assert order(agent(1, available=False, open=9), [waiting(1)]) == [1]


def chosen(one: Waiting, *members: AgentAvailability) -> int | None:
    found = choose_agent(one, team(*members))
    return found and found.agent_id


def test_the_least_busy_with_the_language_gets_it():
    assert chosen(waiting(1), agent(1, open=2), agent(2, open=1), agent(3, ("pl",))) == 2
    assert chosen(waiting(1, "hr"), agent(1), agent(2)) is None


def test_among_equally_busy_ones_whoever_was_given_something_longest_ago():
    assert chosen(waiting(1), agent(1, given=9), agent(2, given=5)) == 2
    assert chosen(waiting(1), agent(2), agent(1)) == 1


def test_who_has_the_topic_goes_before_who_is_less_busy():
    skilled, other = agent(1, topics=("orders",), open=2), agent(2, topics=("payment",))
    assert chosen(waiting(1, topic="orders"), skilled, other) == 1
    assert chosen(waiting(1, topic="shops"), skilled, other) == 2  # nobody's: whoever speaks the language


@pytest.mark.parametrize(
    "nobody", [agent(1, open=3), agent(1, available=False), agent(1, ago=3_600_000), agent(1, ("pl",))]
)
def test_nobody_is_given_what_they_have_no_room_for_or_are_not_there_for(nobody):
    assert chosen(waiting(1), nobody) is None


def test_who_passed_it_on_is_not_given_it_again():
    assert chosen(waiting(1, passed_by=1), agent(1)) is None


def test_what_is_not_set_for_an_agent_is_config_ymls():
    blank = AgentAvailability(1, "Ana", "", False, True, 0, None, (), (), 0, 0)
    sites = {"demo": {"name": "Smreka"}}
    plain = fill_in(blank, Settings(sites=sites))
    assert (plain.capacity, plain.languages, plain.topics) == (6, ("sl", "hr", "pl", "en"), ())
    desk = Desk(agent_capacity=2, agent_languages=("pl",), agent_topics=("orders",))
    set_up = fill_in(blank, Settings(sites=sites, desk=desk))
    assert (set_up.capacity, set_up.languages, set_up.topics) == (2, ("pl",), ("orders",))
    own = fill_in(agent(1, ("sl",), ("shops",), capacity=9), Settings(sites=sites, desk=desk))
    assert (own.capacity, own.languages, own.topics) == (9, ("sl",), ("shops",))
