"""Turns many times into a few figures: percentiles of one round, median and spread over rounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of all values do not exceed (nearest rank); NaN for none."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def percentiles_ms(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds, of times in seconds."""
    shares = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return {name: round(percentile(seconds, share) * 1000, 2) for name, share in shares.items()}


def over_rounds(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest of one figure over several rounds; rounds without it (NaN) are left out."""
    measured = [value for value in values if not math.isnan(value)]
    if not measured:
        return {"median": math.nan, "low": math.nan, "high": math.nan}
    return {"median": round(median(measured), 2), "low": min(measured), "high": max(measured)}


def show(figure: dict[str, float], digits: int = 0) -> str:
    """`12 (11–15)`: the median and, when rounds differ, the spread."""
    if math.isnan(figure["median"]):
        return "–"
    middle, low, high = (f"{figure[key]:.{digits}f}" for key in ("median", "low", "high"))
    return middle if low == high else f"{middle} ({low}–{high})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest entry; the first two to the left, figures to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, ["─" * width for width in widths], *rows):
        cells = [cell.ljust(w) if n < 2 else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
