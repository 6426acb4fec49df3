"""Commands end in a sentence, not in a traceback, where the data folder or its disk is at fault."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup

from odziv.settings import BadSetting
from odziv.store.damage import tell_trouble
from odziv.store.migrate import DatabaseTooNew


class ToldGroup(AppGroup):
    """An application's commands; `database` is what a sentence calls its database."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self._database = database

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, in whose groups too every error of the data folder is told."""
        command = super().get_command(ctx, name)
        if command is None:
            return None
        told = copy.copy(command)
        told.invoke = self._telling(command.invoke)  # type: ignore[assignment, method-assign]
        return told

    def _telling(self, invoke: Callable[[click.Context], Any]) -> Callable[[click.Context], Any]:
        def told(context: click.Context) -> Any:
            with telling(self._database):
                return invoke(context)

        return told


def is_command() -> bool:
    """Whether somebody runs `flask …`, who reads what is said."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true"


@contextmanager
def telling(database: str) -> Iterator[None]:
    """Raises ClickException, with a sentence, for what is wrong with settings, data folder or disk."""
    try:
        yield
    except (BadSetting, DatabaseTooNew) as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        if (sentence := tell_trouble(database, error)) is None:
            raise
        raise click.ClickException(sentence) from error


@contextmanager
def ending_commands() -> Iterator[None]:
    """While the application is built: to whoever runs a command the same is said, and it ends with status 1.

    It ends here, since flask would show a traceback of any exception when it lists its commands.
    """
    if not is_command():
        yield
        return
    try:
        with telling("of the data folder"):
            yield
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
