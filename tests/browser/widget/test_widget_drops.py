"""Connections that break at random, two tabs: nothing lost, nothing twice. `python -m bench.widget.drops` has 1,000."""

from __future__ import annotations

import pytest

from bench.widget.drops import run

pytestmark = pytest.mark.browser


def test_dropped_connections_lose_and_double_nothing():
    tally = run(drops=30, seed=7)
    assert (tally.lost, tally.doubled, tally.disordered) == (0, 0, 0)
    assert tally.drops == 30 and tally.sent > 15
    assert tally.shown == 2 * 2 * tally.sent
