"""An installation that has been in use, its backup, and an empty one to restore it into."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.backups.archive import MANIFEST
from odziv.store.backups.making import make_backup
from odziv.store.conversations.attachments import add_attachment
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message

FILE = b"\x89PNG the bytes of a picture"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yml"
    path.write_text("odziv:\n  sites: {demo: {name: Smreka}}\n")
    return path


@pytest.fixture
def used(settings: Settings, store: Store, tmp_path: Path) -> Settings:
    """Settings of an installation with 20 conversations, a picture, secrets, articles, and what Rasa remembers."""
    articles = tmp_path / "articles"
    write(articles / "en" / "orders" / "return.md", "# Returning an item\n\nWithin 14 days.\n")
    write(articles / "categories.yml", "orders: {en: Orders}\n")
    write(articles / ".git" / "config", "not an article")
    write(settings.var / "secrets" / "session", "0123456789abcdef" * 4)
    for number in range(20):
        conversation = create_conversation(store, "demo", "en")
        add_customer_message(store, conversation.id, f"m{number}", f"My boots are wet, {number}.", "")
    add_attachment(store, conversation.id, FILE, name="boots.png", type="image/png")
    remember(settings.var / "rasa" / "tracker.db", "odziv:1-0")
    return settings.model_copy(update={"articles": articles})


@pytest.fixture
def make(used: Settings, store: Store, config: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a backup and returns its file."""

    def make(name: str = "odziv.zip", **options: object) -> Path:
        make_backup(store, used, tmp_path / name, config=config, **options)
        return tmp_path / name

    return make


@pytest.fixture
def empty(used: Settings, tmp_path: Path) -> Settings:
    """Settings of an installation on a new machine."""
    var = tmp_path / "new"
    var.mkdir()
    return used.model_copy(update={"var": var, "articles": tmp_path / "new-articles"})


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def remember(path: Path, sender: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE events (sender_id TEXT, data TEXT)")
        connection.execute("INSERT INTO events VALUES (?, 'said')", (sender,))


def repack(source: Path, target: Path, change: Callable[[dict[str, bytes], dict], None]) -> Path:
    """A copy of a backup in which `change` had its way with the files and with the manifest."""
    with zipfile.ZipFile(source) as zip:
        files = {name: zip.read(name) for name in zip.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(files, manifest)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zip:
        for name, content in files.items():
            zip.writestr(name, content)
        zip.writestr(MANIFEST, json.dumps(manifest))
    return target


def entry_of(content: bytes) -> dict[str, object]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
