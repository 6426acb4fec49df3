"""Export of a customer: all that is known of them, in a file for them."""

from __future__ import annotations

from pathlib import Path

from odziv.cases.customer_data.archive import Told, write_archive
from odziv.cases.customer_data.files import new_file
from odziv.cases.customer_data.whose import Customer
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.audit import record_alone
from odziv.store.conversations.conversation import find_conversation


def export_customer(
    store: Store,
    settings: Settings,
    customer: Customer,
    target: Path,
    *,
    language: str | None = None,
    told: Told = lambda _count: None,
) -> None:
    """Writes the ZIP to `target`, which is there afterwards whole, or not at all. Raises ExportFailed.

    Without a language it is the one of their last conversation. `told` hears how many conversations are in it.
    """
    write_customer(store, settings, customer, target, language=language, told=told)
    count = len(customer.conversation_ids)
    record_alone(store, "exported", None, "customer", conversations=count, mails_put_aside=customer.mails_aside)


def write_customer(
    store: Store, settings: Settings, customer: Customer, target: Path, *, language: str | None, told: Told
) -> None:
    """The same without an entry in the audit trail."""
    spoken = language or find_language(store, settings, customer)
    with new_file(target) as file:
        write_archive(store, settings, customer, file, target.parent, language=spoken, told=told)


def find_language(store: Store, settings: Settings, customer: Customer) -> str:
    """The one of their last conversation; of who has none, the default."""
    there = (find_conversation(store, each) for each in reversed(customer.conversation_ids))
    return next((each.language for each in there if each), settings.default_language)
