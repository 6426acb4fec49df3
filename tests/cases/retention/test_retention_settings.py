"""Days are whole numbers; whatever could be taken for a day by mistake stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from odziv.processes.commands import retention as command
from odziv.settings import BadSetting, load_settings
from tests.cases.retention.test_retention_run import begin, keep


def load(tmp_path: Path, retention: object):
    config = tmp_path / "config.yml"
    config.write_text(yaml.safe_dump({"odziv": {"sites": {"demo": {"name": "Smreka"}}, "retention": retention}}))
    return load_settings(config, {})


@pytest.mark.parametrize(
    ("retention", "told"),
    [
        ({"conversations": -1}, "odziv.retention.conversations"),
        ({"conversations": True}, "odziv.retention.conversations"),
        ({"conversations": "30"}, "odziv.retention.conversations"),
        ({"conversations": "30 days"}, "odziv.retention.conversations"),
        ({"conversations": 1.5}, "odziv.retention.conversations"),
        ({"conversations": 36_501}, "odziv.retention.conversations"),
        ({"conversations": None}, "odziv.retention.conversations"),
        ({"converstions": 30}, "odziv.retention.converstions"),
        ({"sites": {"shop": {"mail": 3}}}, "retention.sites names shop, which is not one of sites (demo)"),
        ({"sites": {"demo": {"audit": 3}}}, "odziv.retention.sites.demo.audit"),
        ({"sites": {"demo": {"mail": True}}}, "odziv.retention.sites.demo.mail"),
        ({"sites": ["demo"]}, "odziv.retention.sites"),
        (30, "odziv.retention"),
        ([], "odziv.retention"),
    ],
)
def test_what_is_no_number_of_days_is_named(tmp_path, retention, told):
    with pytest.raises(BadSetting) as refused:
        load(tmp_path, retention)
    assert told in str(refused.value)


@pytest.mark.parametrize("off", [0, False])
def test_off_is_without_an_end(tmp_path, off):
    assert not load(tmp_path, {"conversations": off}).retention.is_on


def test_a_site_alone_is_enough_to_be_on(tmp_path):
    assert load(tmp_path, {"sites": {"demo": {"mail": 3}}}).retention.is_on


def invoke(app, *arguments: str) -> str:
    done = app.test_cli_runner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_says_what_would_go_and_deletes_when_asked(app, services, store, settings):
    assert isinstance(app.test_cli_runner(), CliRunner)
    assert "names no days" in invoke(app)
    begin(store)
    services.settings = keep(settings, conversations=30)
    assert invoke(app) == "Nothing was too old.\n"
    store.clock.advance(31 * 24 * 60 * 60 * 1000)
    told = invoke(app, "--dry-run")
    assert told.startswith("conversations, all sites, older than 30 days: 1, the oldest of ")
    assert invoke(app) == "1 conversations\n"
    assert "older than 30 days: 0\n" in invoke(app, "--dry-run")
