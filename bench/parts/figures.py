"""The figures that the benches print, computed from predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from kb.model.confidence import expected_calibration_error

OUT_OF_SCOPE = "oos"


def intent_figures(labels: Sequence[str], predicted: Sequence[str], confidence: Sequence[float]) -> dict[str, float]:
    """Return the figures for intents: shares of the messages in scope, areas (0 to 1), calibration error.

    OSCR is the area under in-scope accuracy over out-of-scope acceptance as the threshold falls (Dhamija 2018). The
    calibration error counts an out-of-scope message as wrong whatever was predicted.
    """
    labels, predicted, confidence = np.asarray(labels), np.asarray(predicted), np.asarray(confidence, dtype=float)
    inside = labels != OUT_OF_SCOPE
    right = inside & (labels == predicted)
    figures = {
        "in_scope_accuracy": right.sum() / max(inside.sum(), 1),
        "ece": expected_calibration_error(confidence, right),
    }
    if (~inside).any() and inside.any():
        accepted, answered = acceptance(confidence, right, inside)
        figures["oscr"] = float(np.trapezoid(answered, accepted))
        figures["auroc"] = float(roc_auc_score(inside, confidence))
        for recall in (70, 80, 90):
            figures[f"accuracy_at_{recall}"] = float(answered[accepted <= 1 - recall / 100 + 1e-9].max())
    return {name: float(value) for name, value in figures.items()}


def prediction_figures(predictions: Sequence[dict]) -> dict[str, float]:
    """Return the figures for intents from lines of {"label", "predicted", "confidence"}."""
    return intent_figures(*([line[key] for line in predictions] for key in ("label", "predicted", "confidence")))


def acceptance(confidence: np.ndarray, right: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for falling thresholds, the shares of strangers accepted and of messages in scope answered right."""
    thresholds = np.r_[np.inf, np.unique(confidence)[::-1]]
    strangers, hits = np.sort(confidence[~inside]), np.sort(confidence[right])
    accepted = (len(strangers) - np.searchsorted(strangers, thresholds, side="left")) / max((~inside).sum(), 1)
    answered = (len(hits) - np.searchsorted(hits, thresholds, side="left")) / max(inside.sum(), 1)
    return accepted, answered


def rank_figures(ranks: Sequence[int | None]) -> dict[str, float]:
    """Return R@1, R@5 and MRR@10 from the ranks (from 1) at which the right page came; None when it did not."""
    found = np.array([rank if rank else 1_000 for rank in ranks], dtype=float)
    reciprocal = np.where(found <= 10, 1 / found, 0)
    return {
        "r_at_1": float((found <= 1).mean()),
        "r_at_5": float((found <= 5).mean()),
        "mrr_at_10": float(reciprocal.mean()),
    }


def print_figures(title: str, figures: dict[str, float]) -> None:
    print(title)
    for name, value in figures.items():
        print(f"  {name.replace('_', ' '):28} {value:9.3f}")
