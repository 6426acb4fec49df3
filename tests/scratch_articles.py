"""Writes small articles for tests of the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# Path below the articles' folder, without .md: title, phrasings, body.
ARTICLES = {
    "en/orders/return": (
        "Return an item",
        ["how do I return boots", "send something back", "I want to return my order"],
        "Fill in the returns form within 14 days.\n\n## Label\n\nStick the label on the parcel.",
    ),
    "sl/orders/return": (
        "Vračilo izdelka",
        ["kako lahko vrnem izdelek", "rad bi vrnil čevlje", "obrazec za vračilo"],
        "Izpolnite obrazec v 14 dneh.",
    ),
    "en/delivery/cost": (
        "Cost of delivery",
        ["how much is delivery", "price of shipping", "delivery fee"],
        "Delivery costs 3.90 EUR.",
    ),
    "en/account/password": (
        "Forgotten password",
        ["forgot my password", "can't sign in", "reset password"],
        "Press the link on the sign-in page.",
    ),
    "en/payment/methods": (
        "Ways to pay",
        ["can I pay by card", "do you take paypal", "payment methods"],
        "By card, PayPal or bank transfer.",
    ),
}


def write(
    root: Path,
    name: str,
    title: str,
    questions: Sequence[str] = (),
    body: str = "Some text.",
    *,
    status: str = "published",
    **head: str,
) -> Path:
    """Write the article `name` ("en/orders/return") below `root`; further keys of the head are written as given."""
    path = root / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["---", f"title: {title}"]
    if questions:
        lines += ["questions:", *(f"  - {question}" for question in questions)]
    lines += [f"status: {status}", *(f"{key}: {value}" for key, value in head.items()), "---", body, ""]
    path.write_text("\n".join(lines), "utf-8")
    return path
