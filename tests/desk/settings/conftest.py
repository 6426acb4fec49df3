"""The desk over a config.yml that names one site by its name and where it is used, and hardly anything else."""

from __future__ import annotations

import pytest

from odziv.store.settings.changes import read_edition


@pytest.fixture
def save(boss, store):
    """Sends a page's form with these settings, as a browser does; `seen` is the present edition unless it is given."""

    def save(path: str, seen: int | None = None, **values: str):
        keys = {name.rsplit("/", 1)[0] if "/languages/" in name else name for name in values}
        edition = read_edition(store) if seen is None else seen
        return boss.post(f"/desk/settings/{path}", keys=sorted(keys), edition=str(edition), **values)

    return save
