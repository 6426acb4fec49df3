"""The few figures that stand for many times."""

import math

from bench.parts.summary import over_rounds, percentile, percentiles_ms, show, table


def test_percentile_is_a_measured_value_that_so_many_do_not_exceed():
    times = [float(n) for n in range(1, 101)]
    assert [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]


def test_percentile_of_few_is_the_slowest_not_an_interpolation():
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert percentile([7.0], 0.5) == 7.0
    assert percentile([7.0, 8.0], 0.0) == 7.0


def test_percentiles_are_in_milliseconds():
    assert percentiles_ms([0.010, 0.020]) == {"p50": 10.0, "p95": 20.0, "p99": 20.0}


def test_nothing_measured_is_no_number():
    assert math.isnan(percentile([], 0.5))
    assert show(over_rounds([math.nan, math.nan])) == "–"


def test_rounds_give_their_median_and_spread():
    figure = over_rounds([30.0, 10.0, 20.0])
    assert figure == {"median": 20.0, "low": 10.0, "high": 30.0}
    assert show(figure) == "20 (10–30)"
    assert show(over_rounds([5.0])) == "5"


def test_table_lines_up():
    assert table(["a", "b", "n"], [["x", "long", "5"], ["yy", "z", "100"]]).splitlines() == [
        "a   b       n",
        "──  ────  ───",
        "x   long    5",
        "yy  z     100",
    ]
