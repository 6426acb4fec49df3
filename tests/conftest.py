"""What pytest asks of the whole run. Fixtures for everybody are in fixtures.py: the process that only hands tests out
to others needs none of them, and would read the product for six seconds while the others wait."""

from __future__ import annotations

import gc
import os
from importlib import import_module

import pytest

from tests.no_skip import (  # noqa: F401
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_runtest_setup,
)

pytest.register_assert_rewrite("tests.fixtures", "tests.postgresql.fixtures")
# Nothing that is read while tests are collected goes away again.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """Reads the fixtures where tests will run."""
    if hasattr(config, "workerinput") or not config.getoption("tx", None):
        for module in ("tests.fixtures", "tests.postgresql.fixtures"):
            config.pluginmanager.register(import_module(module))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What shares something heavy runs in one process: the real Rasa's tests, and a browser's or a server's file.

    It is first, because xdist looks at the marks in this hook too. Where the tests run on PostgreSQL, those that store
    nothing are left out.
    """
    if os.environ.get("ODZIV_TEST_DATABASE") == "postgresql":
        config.hook.pytest_deselected(items=[item for item in items if not _has_store(item)])
        items[:] = [item for item in items if _has_store(item)]
    for item in items:
        if "bench" in item.path.relative_to(item.config.rootpath).parts:
            item.add_marker(pytest.mark.bench)
        marks = {mark.name for mark in item.iter_markers()}
        if "rasa" in marks or "whole" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("rasa"))
        elif marks & {"browser", "encoder", "imap"}:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _has_store(item: pytest.Item) -> bool:
    return "store" in getattr(item, "fixturenames", ())


def pytest_collection_finish() -> None:
    """What was imported stays for the whole run: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
