"""A real IMAP server on loopback, of its own: with its own configuration, folder and port."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "help", "dovecot-for-tests"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@contextmanager
def serve_imap(folder: Path, port: int):
    """Dovecot for as long as the block runs; yields a function that connects a mail program."""
    config = _write_config(folder, port)
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    server = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        yield _wait(folder, port)
    finally:
        server.terminate()
        server.wait(10)


def _write_config(folder: Path, port: int) -> Path:
    mail, config = folder / "mail", folder / "dovecot.conf"
    mail.mkdir(parents=True)
    owner = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())  # it serves nobody's mail as root
    users = ""
    if os.geteuid() == 0:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        for parent in [folder, *folder.parents][:4]:
            parent.chmod(parent.stat().st_mode | 0o011)
    else:
        group = grp.getgrgid(os.getgid()).gr_name
        users = "".join(f"default_{each}_user = {owner.pw_name}\n" for each in ("internal", "login"))
        users += f"default_internal_group = {group}"
    values = {"folder": folder, "users": users, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": port}
    config.write_text(CONFIG.format(**values, password=PASSWORD))
    return config


def _wait(folder: Path, port: int):
    def connect() -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
        client.login(USER, PASSWORD)
        return client

    ends = time.monotonic() + 15
    while True:
        try:
            connect().logout()
            return connect
        except (OSError, imaplib.IMAP4.error) as error:
            if time.monotonic() > ends:
                log = folder / "dovecot.log"
                raise RuntimeError(log.read_text() if log.exists() else "dovecot said nothing") from error
            time.sleep(0.1)
