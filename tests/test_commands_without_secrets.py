"""Commands run where the service's secrets are not: they work, or say in a sentence what is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from odziv.settings import ROOT

MAIL = {
    "address": "help@smreka.example",
    "smtp": {"host": "mail.smreka.example", "user": "help"},
    "incoming": "imap",
    "imap": {"host": "mail.smreka.example", "user": "help"},
}
SITE = {"name": "Smreka"}
COMMANDS = [
    ("agents", "add", "nova@smreka.example"),
    ("handoffs", "--json"),
    ("identity", "make-secret", "demo"),
    ("forget-deleted",),
]


def run(folder, *arguments: str, mail: dict | None = None, site: dict | None = None, program=("-m", "flask")):
    config = folder / "config.yml"
    config.write_text(yaml.safe_dump({"odziv": {"sites": {"demo": site or SITE}, "mail": mail or MAIL}}))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ODZIV_")}
    environment |= {"ODZIV_CONFIG": str(config), "ODZIV_VAR": str(folder / "var"), "FLASK_APP": "server"}
    command = [sys.executable, *program, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_needs_no_password_for_mail(tmp_path, command):
    done = run(tmp_path, *command)
    assert "Traceback" not in done.stderr and "PASSWORD" not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_service_itself_needs_it_and_says_so(tmp_path):
    done = run(tmp_path, program=("server.py",))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "odziv.mail.smtp: a user needs a password; put it into ODZIV_SMTP_PASSWORD" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"mail": {"address": "help"}}, "odziv.mail.address"),
        ({"site": {**SITE, "identity": {"secrets_env": ["SHOP_JWT"]}}}, "SHOP_JWT in the environment"),
    ],
    ids=["a setting", "a site's secret"],
)
def test_what_a_command_can_not_do_without_is_one_sentence(tmp_path, more, told):
    done = run(tmp_path, "agents", "list", **more)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: ") and told in done.stderr
