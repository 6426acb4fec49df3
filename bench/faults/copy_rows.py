"""Rows about what must be whole though it takes a while: an erasure that is killed, a backup made under load."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Column, select

from bench.faults.installation import Clock, EchoBot, Installation
from bench.faults.invariants import Breach
from bench.faults.load import Caller, Load, Outcome, application_of, look, read_one, run_load
from bench.faults.process_rows import trapped
from bench.faults.row import Outcomes, Row, Scene, serving
from bench.parts.product import ROOT
from odziv.cases.customer_data.erasing import Erasures
from odziv.store import Store
from odziv.store.backups.making import make_backup
from odziv.store.backups.restoring import restore_backup
from odziv.store.customers.erasures import list_erasures
from odziv.store.engine import HOUR_MS
from odziv.store.schema import conversations, metadata
from odziv.web.services import Services

THEIRS, OTHERS, EACH = 5, 3, 4  # conversations that are to go, that stay, and messages in each
SECRET = "my number is 4711"


def erase_and_be_killed(installation: Installation, seeds: Iterable[int]) -> Outcomes:
    """Erases five conversations, is killed at one of the transactions, and goes on at the next start."""
    with serving(installation, EchoBot(), 1, clock := Clock()) as ((services,), _):
        for seed in seeds:
            luck = random.Random(f"erasure-{seed}")
            theirs, others = [talk_of(services, luck, SECRET, n) for n in (THEIRS, OTHERS)]
            is_killed = erase_in_child(installation, [caller.told.conversation for caller in theirs], luck)
            clock.offset += HOUR_MS  # the lease of whoever was killed is over
            Erasures(services.store, services.settings).work_off()
            found = find_left(services.store, theirs) + look(others, [services])
            yield seed, Outcome(found, acknowledged=(THEIRS + OTHERS) * EACH, again=int(is_killed))


def talk_of(services: Services, luck: random.Random, text: str, count: int) -> list[Caller]:
    """So many conversations in which that was said."""
    app, ending = application_of(services), threading.Event()
    callers = [Caller(app, services, luck) for _ in range(count)]
    for caller in callers:
        for number in range(EACH):
            caller.say(f"{text}, {number}", ending)
    return callers


def erase_in_child(installation: Installation, ids: list[str], luck: random.Random) -> bool:
    """Whether the process was killed before its end. Raises CalledProcessError when it failed by itself."""
    fault = installation.folder / "fault"
    fault.write_text(f"web, {luck.choice(('before commit', 'after commit'))} {luck.randint(1, THEIRS + 3)}", "ascii")
    program = [sys.executable, "-m", "bench.faults.erase", installation.url, str(installation.folder), *ids]
    with trapped(installation.folder):
        ended = subprocess.run(program, cwd=ROOT, env=os.environ, capture_output=True, check=False)
    if ended.returncode not in (0, -signal.SIGKILL):
        raise subprocess.CalledProcessError(ended.returncode, program, ended.stdout, ended.stderr)
    return ended.returncode != 0


def find_left(store: Store, theirs: list[Caller]) -> list[Breach]:
    """What is left of conversations that were to go, in any table, and of erasures that are not done."""
    ids = {caller.told.conversation for caller in theirs}
    found = [Breach("not erased", "", f"{each.id} is {each.status}") for each in list_erasures(store) if each.total]
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for column in (
                column for column in table.c if column.references(conversations.c.id) or column is conversations.c.id
            ):
                left = connection.execute(select(column).where(column.in_(ids))).scalars().all()
                found += [Breach("not erased", each, f"a row of {table.name} is left") for each in set(left)]
    return found


def is_of_conversation(column: Column) -> bool:
    """Whether it holds the ids of conversations."""
    return column is conversations.c.id or column.references(conversations.c.id)


def back_up_under_load(installation: Installation, seeds: Iterable[int]) -> Outcomes:
    """A backup is made while everybody is at work, and restored into an empty folder."""
    with serving(installation, EchoBot(), 1, Clock()) as (services, agents):
        for seed in seeds:
            luck, before = random.Random(f"backup-{seed}"), {}
            scene, target = Scene(installation, services, luck, Clock()), installation.folder / f"{seed}.zip"

            def back_up(ending: threading.Event, scene=scene, before=before, target=target) -> None:
                scene.wait(ending, 0.1, 0.6)
                before.update(last_numbers(scene.store))
                make_backup(scene.store, scene.services[0].settings, target, config=ROOT / "config.yml")

            outcome = run_load(Load(), services, agents, luck, back_up)
            found = list(find_missing(installation, services[0].store, target, before))
            yield seed, replace(outcome, breaches=outcome.breaches + found)


def last_numbers(store: Store) -> dict[str, int]:
    """The newest message of each conversation."""
    with store.read() as connection:
        rows = connection.execute(select(conversations.c.id, conversations.c.last_seq))
        return {row.id: row.last_seq for row in rows}


def find_missing(installation: Installation, store: Store, target, before: dict[str, int]) -> Iterator[Breach]:
    """What was stored when the backup began and is not in what was restored, or is there otherwise."""
    settings = installation.settings().model_copy(update={"var": target.with_suffix("")})
    settings.var.mkdir()
    restore_backup(settings, target)
    restored = Store.in_folder(settings.var)
    try:
        for conversation_id, last in before.items():
            there, here = read_one(restored, conversation_id), read_one(store, conversation_id)
            if len(there.log) < last or list(there.log) != list(here.log)[: len(there.log)]:
                yield Breach("lost", conversation_id, f"{last} messages were stored, the backup has {len(there.log)}")
            if there.conversation["last_seq"] != len(there.log):
                yield Breach("misnumbered", conversation_id, "the backup is of two moments")
    finally:
        restored.close()


ROWS = (
    Row("an erasure is killed", erase_and_be_killed),
    Row("a backup is made under load and restored", back_up_under_load, kinds=("sqlite",)),
)
