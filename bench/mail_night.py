"""A night of mail: thousands of mails of all shapes through Dovecot while the server is killed again and again.

In the morning each is in exactly one conversation or visibly put aside, none lost, none doubled, and none answered
twice: `python -m bench.mail_night`. Needs Dovecot and aiosmtpd.
"""

from __future__ import annotations

import argparse
import imaplib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy.exc import SQLAlchemyError

from bench.parts.dovecot import PASSWORD, USER, serve_imap
from bench.parts.night_ledger import Night, figures_of, find_wrongs
from bench.parts.night_mails import OURS, Sent, Writer
from bench.parts.processes import kill
from bench.parts.product import ROOT, NotStarted, Product, free_port, stop_tidily
from bench.parts.web_alone import WebAlone

BATCH = 40  # mails that arrive at once, at the most
LIVE = 0.06  # share of mails that answer what the server sent: replies, bounces, out-of-office
QUIET_SECONDS = 8.0  # so long nothing changes before the night is over
LONGEST_SECONDS = 1800.0


class Outbox:
    """An SMTP server that takes everything and keeps it."""

    def __init__(self) -> None:
        self.given: list[EmailMessage] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes one mail."""
        self.given.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 OK"

    def __enter__(self) -> Outbox:
        self._controller.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._controller.stop()


@dataclass
class World:
    """The server, its mailbox, and what has happened so far."""

    server: Product | WebAlone
    mailbox: imaplib.IMAP4
    outbox: Outbox
    writer: Writer
    luck: random.Random
    sent: list[Sent] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)

    def deliver(self, mails: Sequence[Sent]) -> None:
        """Puts mails into the mailbox."""
        for mail in mails:
            if self.mailbox.append("INBOX", "", "", mail.raw)[0] != "OK":
                raise RuntimeError("Dovecot took a mail not in")
            self.sent.append(mail)

    def look(self) -> Night:
        """What the database holds now; an empty night while it can't be read."""
        try:
            return Night.read(self.server.var / "odziv.sqlite", list(self.outbox.given))
        except SQLAlchemyError:
            return Night([], {}, 0, 0, [])

    def kill_one(self) -> None:
        """Kills a part of the server, each as likely; waits while none of the chosen kind is there."""
        ends = time.monotonic() + 120.0
        while time.monotonic() < ends:
            found = self.server.roles()
            role = self.luck.choice(sorted(found)) if found else ""
            if found and kill(found[role]):
                self.kills.append(role)
                return
            time.sleep(0.1)
        raise NotStarted("no process came back to be killed")


def answer_what_came(world: World, most: int) -> int:
    """Writes to some of the answers that came lately: as customers, their machines, and mail servers do."""
    by_id = {mail.message_id: mail for mail in world.sent}
    known = [(mail, by_id.get(str(mail["In-Reply-To"] or ""))) for mail in world.outbox.given]
    answers = [(str(answer["Message-ID"]), to) for answer, to in known if to is not None and to.customer]
    chosen = world.luck.sample(answers, min(most, len(answers)))
    for answer_id, to in chosen:
        write = world.luck.choice(["reply", "reply", "out of office", "bounce"])
        if write == "reply":
            world.deliver([world.writer.reply(to, answer_id)])
        elif write == "bounce":
            world.deliver([world.writer.bounce(answer_id)])
        else:
            world.deliver([world.writer.out_of_office(to, answer_id)])
    return len(chosen)


def run(world: World, count: int, kills: int) -> None:
    """Mails arrive in batches; each time the server has worked off its share of them, a part of it is killed."""
    live = int(count * LIVE)
    waiting = world.writer.write(count - live)
    thresholds = sorted(world.luck.uniform(0.03, 0.95) * len(waiting) for _ in range(kills))
    started, quiet_since, before = time.monotonic(), time.monotonic(), (0, 0, 0)
    while time.monotonic() - started < LONGEST_SECONDS:
        world.server.roles()  # one that ended is started again
        night = world.look()
        while thresholds and len(night.mails) >= thresholds[0]:
            thresholds.pop(0)
            world.kill_one()
            print(f"  {len(world.kills):3} killed: {world.kills[-1]:6} at {len(night.mails)} mails kept", flush=True)
            time.sleep(world.luck.uniform(0.2, 2.0))
        if waiting and len({mail.mark for mail in world.sent}) - len(night.mails) < 4 * BATCH:  # copies are kept once
            size = world.luck.randint(1, BATCH)
            world.deliver(waiting[:size])
            del waiting[:size]
        if live and world.outbox.given:
            live -= answer_what_came(world, world.luck.randint(0, min(live, 3)))
        now = (len(night.mails), night.open_turns, len(world.outbox.given))
        quiet_since = time.monotonic() if now != before else quiet_since
        before = now
        is_done = not waiting and not live and not thresholds and not night.open_turns
        if is_done and time.monotonic() - quiet_since > QUIET_SECONDS and world.server.is_ready():
            return
        time.sleep(0.2 if waiting else 0.5)
    print("  stopped waiting: something did not come to an end", flush=True)


def settings_of(imap_port: int, smtp_port: int) -> dict[str, Any]:
    """E-mail, in and out."""
    imap = {"host": "127.0.0.1", "port": imap_port, "security": "none", "user": USER}
    smtp = {"host": "127.0.0.1", "port": smtp_port, "security": "none"}
    return {"mail": {"address": OURS, "smtp": smtp, "incoming": "imap", "imap": imap, "poll_seconds": 5}}


def spend_night(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All of it; returns the figures and what is wrong."""
    os.environ["ODZIV_IMAP_PASSWORD"] = PASSWORD
    port = free_port()
    with serve_imap(folder / "imap", port) as connect, Outbox() as outbox:
        more = settings_of(port, outbox.port)
        server = WebAlone(folder / "server", more) if options.web_alone else Product(
            folder / "server", options.prepared, print, more)  # fmt: skip
        with server:
            mailbox = connect()
            world = World(server, mailbox, outbox, Writer(options.seed), random.Random(f"{options.seed}-night"))
            started = time.monotonic()
            run(world, options.mails, options.kills)
            seconds = time.monotonic() - started
            mailbox.logout()
        night = world.look()
    wrongs = find_wrongs(world.sent, night)
    wrongs += [f"only {len(world.kills)} of {options.kills} kills"] if len(world.kills) < options.kills else []
    return {**figures_of(world.sent, night), "kills": world.kills, "seconds": round(seconds), "wrongs": wrongs}


def report(figures: dict[str, Any], seed: int) -> str:
    """The summary for people."""
    kinds = ", ".join(f"{kind} {count}" for kind, count in figures["kinds"].items())
    aside = ", ".join(f"{why} {count}" for why, count in figures["aside"].items())
    put_aside = sum(figures["aside"].values())
    twice, waiting = figures["given_twice"], figures["waiting_for_their_lease"]
    lines = [
        f"{figures['sent']} mails ({kinds}) in {figures['seconds']} s, {len(figures['kills'])} kills; seed {seed}",
        f"{figures['kept']} kept once: in {figures['conversations']} conversations, put aside {put_aside} ({aside})",
        f"{figures['answers']} answers sent, {twice} given to the mail server twice; {waiting} wait to be sent again",
        *(f"WRONG  {wrong}" for wrong in figures["wrongs"][:50]),
    ]
    if not figures["wrongs"]:
        lines.append("each is in exactly one conversation or put aside; none lost, doubled, or answered twice")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when nothing is wrong, 1 when something is, 2 when the server did not start."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail_night", description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the same mails in the same order, not the same timing")
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--web-alone", action="store_true", help="the web process without Rasa and articles")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="odziv-night-"))
    try:
        figures = spend_night(options, folder)
    except NotStarted as error:
        print(f"stopped: {error}", flush=True)
        return 2
    print(report(figures, options.seed), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    if figures["wrongs"]:
        print(f"database and logs are kept in {folder}", flush=True)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    stop_tidily()
    sys.exit(main())
