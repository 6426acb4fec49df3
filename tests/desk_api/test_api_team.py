"""The team by a token of an administrator; nobody else's."""

from __future__ import annotations


def test_who_has_what_and_who_waits(ana, boss, waiting):
    seen = boss.get("/team").get_json()
    assert (seen["waiting"], seen["queues"][0]["language"], seen["today"]["came"]) == (1, "sl", 1)
    assert seen["waits_since"] == seen["queues"][0]["waits_since"]
    ana.post(f"/conversations/{waiting.id}/claim")
    seen = boss.get("/team").get_json()
    [agent] = [one for one in seen["agents"] if one["id"] == ana.agent.id]
    assert seen["waiting"] == 0 and agent["name"] == "Ana Kovač"
    [held] = agent["has"]
    assert (held["conversation_id"], held["snoozed"]) == (waiting.id, False) and held["waits_since"] and held["since"]


def test_others_may_not_read(ana):
    assert ana.get("/team").status_code == 403
