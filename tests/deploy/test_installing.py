"""The samples for containers, systemd, nginx and Caddy name what there is; where their own programs are, they agree."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest
import yaml

from odziv.processes.alone import Alone
from odziv.settings import ENVIRONMENT, load_settings
from odziv.web.metrics.page import blueprint

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATORS = (ROOT / "docs" / "operators.md").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "container" / "compose.yml").read_text("utf-8"))
SERVICE = COMPOSE["services"]["odziv"]
SEVERAL_TEXT = (DEPLOY / "container" / "compose-several.yml").read_text("utf-8")
SEVERAL = yaml.safe_load(SEVERAL_TEXT)["services"]
OURS = {name: service for name, service in SEVERAL.items() if service["image"] == "odziv"}
UNITS = sorted((DEPLOY / "systemd").glob("odziv*"))
# Beside the settings' own: the file of settings, and what Python and libraries read.
VARIABLES = {*ENVIRONMENT, "ODZIV_CONFIG", "HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
# What Compose knows of a service (compose-spec), of what is used here.
OF_SERVICE = {
    "build", "image", "init", "user", "read_only", "cap_drop", "security_opt", "restart", "stop_grace_period", "ports",
    "environment", "volumes", "tmpfs", "ulimits", "mem_limit", "healthcheck", "command", "depends_on", "networks",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's, with what follows each."""
    text = (DEPLOY / "container" / "Containerfile").read_text("utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in lines.splitlines() if line.strip()]


def of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_the_containerfile_has_only_instructions_that_there_are():
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}
    assert {name for name, _ in instructions()} <= known
    assert all(image.startswith("docker.io/library/python:3.11-") for image in of("FROM"))  # as pyproject.toml asks


def test_what_is_copied_is_there_and_nothing_of_the_program_is_left_out():
    copied = [source for rest in of("COPY") if "--from" not in rest for source in shlex.split(rest)[:-1]]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    packages = {"actions", "bot", "kb", "odziv", "server.py", "gunicorn.conf.py", "config.yml", "pyproject.toml"}
    assert packages <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert not set(ignored) & set(copied) and {"var", ".venv", ".git"} <= set(ignored)


def test_the_lock_files_that_the_set_up_reads_are_copied_before_it_runs():
    copied = " ".join(of("COPY"))
    read = set(re.findall(r'"((?:bot/)?requirements[\w-]*\.lock)"', (ROOT / "install.py").read_text("utf-8")))
    assert read and all(name in copied for name in read)


def test_it_serves_as_nobody_from_a_root_that_cannot_be_written_to():
    last = [name for name, _ in instructions()][::-1]
    assert last.index("USER") < last.index("FROM") and of("USER") == ["10001:10001"] == [SERVICE["user"]]
    assert SERVICE["read_only"] is True and SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"] and not SERVICE.get("privileged")
    assert all(port.startswith("127.0.0.1:") for port in SERVICE["ports"])


def test_variables_are_ours():
    told = dict(re.findall(r"(\w+)=(\S+)", " ".join(of("ENV"))))
    assert set(told) | set(SERVICE["environment"]) <= VARIABLES
    places = {volume.split(":")[1] for volume in SERVICE["volumes"]}
    assert {told["ODZIV_VAR"], "/backup"} <= places and SERVICE["environment"]["ODZIV_CONFIG"] in places
    environment = {key: value for key, value in told.items() if key.startswith("ODZIV_")}
    assert load_settings(ROOT / "config.yml", environment).host == "0.0.0.0"


def test_articles_are_where_the_settings_have_them():
    articles = load_settings(ROOT / "config.yml", {}).articles.relative_to(ROOT)
    assert f"./articles:/opt/odziv/{articles}" in SERVICE["volumes"]


def test_the_compose_file_knows_only_what_compose_does():
    assert set(COMPOSE) == {"services", "volumes"} and set(SERVICE) <= OF_SERVICE
    assert (DEPLOY / "container" / SERVICE["build"]["context"] / SERVICE["build"]["dockerfile"]).exists()
    named = {volume.split(":")[0] for volume in SERVICE["volumes"]}
    assert {name for name in named if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_several_are_as_guarded_as_one_and_only_the_web_process_can_be_reached():
    for name, service in OURS.items():
        assert set(service) <= OF_SERVICE
        for guard in ("user", "read_only", "cap_drop", "security_opt", "build", "volumes", "tmpfs", "ulimits"):
            assert service[guard] == SERVICE[guard], (name, guard)
    assert {name: service.get("ports") for name, service in SEVERAL.items() if "ports" in service} == {
        "web": SERVICE["ports"]
    }


def test_several_are_started_by_commands_that_there_are():
    roles = {name: service["command"][-1] for name, service in OURS.items()}
    assert roles == {"web": "web", "worker-1": "worker", "worker-2": "worker", "rasa": "rasa"}
    assert set(roles.values()) == set(get_args(Alone))
    assert all(service["command"][:-1] == [".venv/bin/python", "server.py"] for service in OURS.values())


def test_several_know_each_other_by_the_addresses_that_the_file_tells(tmp_path):
    told = [line[1:].strip() for line in SEVERAL_TEXT.splitlines() if re.match(r"#   \w+: \[", line)]
    document = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    document["odziv"].update(yaml.safe_load("\n".join(told)))
    config = tmp_path / "config.yml"
    config.write_text(yaml.safe_dump(document), "utf-8")
    for name, service in OURS.items():
        assert set(service["environment"]) <= VARIABLES
        own = {key: value for key, value in service["environment"].items() if key != "ODZIV_CONFIG"}
        settings = load_settings(
            config, {key: value.replace("${POSTGRES_PASSWORD:?}", "secret") for key, value in own.items()}
        )
        named = [*settings.worker_urls, *settings.rasa_urls, settings.database_url, settings.redis_url]
        hosts = [urlsplit(url).hostname for url in named]
        assert set(hosts) == {"worker-1", "worker-2", "rasa", "postgresql", "redis"} <= set(SEVERAL), name
        assert {urlsplit(url).port for url in settings.worker_urls} == {settings.own_worker_port}
        assert {urlsplit(url).port for url in settings.rasa_urls} == {settings.rasa_port}
        assert set(service["depends_on"]) == {"postgresql", "redis"}
    aliases = [service["networks"]["default"]["aliases"] for service in OURS.values() if "networks" in service]
    assert aliases == [["workers"]] * 2
    assert OURS["rasa"]["environment"]["ODZIV_WORKER_HOST"] == "workers"


def test_the_volumes_of_several_are_named():
    named = {volume.split(":")[0] for service in SEVERAL.values() for volume in service.get("volumes", ())}
    assert {name for name in named if not name.startswith(".")} == set(yaml.safe_load(SEVERAL_TEXT)["volumes"])


@pytest.mark.parametrize("name", ["web", "worker-1", "rasa"])
def test_health_of_several_is_asked_where_each_listens(name):
    check = OURS[name]["healthcheck"]["test"]
    compile(check[-1], "check", "exec")
    port = {"web": 8080, "worker-1": 5015, "rasa": 5005}[name]
    assert str(port) in check[-1] and check[:2] == ["CMD", ".venv/bin/python"]


def test_a_unit_of_one_process_differs_from_that_of_all_only_where_it_has_to():
    whole, one = ((DEPLOY / "systemd" / f"{name}.service").read_text("utf-8") for name in ("odziv", "odziv@"))
    added = set(one.splitlines()) - set(whole.splitlines())
    assert {line.partition("=")[0] for line in added if "=" in line} == {
        "Description", "Documentation", "After", "Wants", "ExecStart", "Restart", "EnvironmentFile", "ReadWritePaths",
    }  # fmt: skip
    assert "ExecStart=/opt/odziv/.venv/bin/python server.py %i\n" in one and "Restart=always\n" in one
    scaling = (ROOT / "docs" / "scaling.md").read_text("utf-8")
    read = re.search(r"EnvironmentFile=(\S+)", one)[1]
    assert f"`{read}`" in scaling and "`deploy/systemd/odziv@.service`" in scaling
    assert all(f"odziv@{role}" in scaling for role in get_args(Alone))


@pytest.mark.parametrize("check", [SERVICE["healthcheck"]["test"], of("HEALTHCHECK")[0]], ids=["compose", "image"])
def test_health_is_asked_where_it_is_told(check, client):
    text = check if isinstance(check, str) else " ".join(check)
    path = re.search(r"http://127\.0\.0\.1:8080(/[\w/]+)", text)[1]
    assert client.get(path).status_code == 200
    compile(re.search(r"import urllib[^\"]*timeout=8\)", text)[0], "check", "exec")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_can_be_read_and_name_files_that_there_are(unit):
    parsed = configparser.RawConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read_string(unit.read_text("utf-8"))
    assert set(parsed.sections()) <= {"Unit", "Service", "Timer", "Install"}
    for path in re.findall(r"/opt/odziv/(?!\.venv|var)([\w./-]+)", unit.read_text("utf-8")):
        assert (ROOT / path).exists(), path
    if unit.name == "odziv.service":
        assert parsed["Service"]["ExecStart"] == "/opt/odziv/.venv/bin/python server.py"


def test_the_backup_of_the_timer_is_the_command_there_is(app):
    unit = (DEPLOY / "systemd" / "odziv-backup.service").read_text("utf-8")
    command = re.search(r"flask --app server (\w+) .* (--[\w-]+)", unit)
    options = {option for parameter in app.cli.get_command(None, command[1]).params for option in parameter.opts}
    assert command[2] in options
    assert "ReadWritePaths=/backup" in unit


@pytest.mark.parametrize(("file", "fence"), [("nginx/odziv.conf", "```nginx\n"), ("caddy/Caddyfile", "### Caddy")])
def test_the_page_shows_the_very_files(file, fence):
    shown = OPERATORS[OPERATORS.index(fence) :]
    assert (DEPLOY / file).read_text("utf-8") in shown


@pytest.mark.parametrize("file", ["nginx/odziv.conf", "caddy/Caddyfile"])
def test_proxies_lead_to_the_port_and_keep_back_what_is_for_this_machine(file, app):
    text = (DEPLOY / file).read_text("utf-8")
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) == {str(load_settings(ROOT / "config.yml", {}).port)}
    addresses = {rule.rule for rule in app.url_map.iter_rules()}
    assert "/metrics" in addresses and "/metrics" in text and blueprint.name == "metrics"
    assert any(address.startswith("/rasa/") for address in addresses) and "/rasa/" in text


def test_the_streams_that_nginx_lets_through_at_once_are_all_there_are(app):
    text = (DEPLOY / "nginx" / "odziv.conf").read_text("utf-8")
    pattern = re.compile(re.search(r"location ~ (\S+) \{", text)[1])
    streams = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/events")]
    assert streams and all(pattern.match(re.sub("<[^>]+>", "abc", rule)) for rule in streams)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def nginx(folder: Path) -> tuple[str, ...]:
    """Asks nginx about the sample inside a whole configuration, with a certificate made for it."""
    site = (DEPLOY / "nginx" / "odziv.conf").read_text("utf-8").replace("/etc/ssl/help.example.com", str(folder))
    # Debian 12's nginx is older than `http2 on`; the page says what it wants.
    site = site.replace("    http2 on;\n", "").replace("listen 443 ssl", "listen 127.0.0.1:18443 ssl")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=help.example.com",
        "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"))  # fmt: skip
    logs = f"pid {folder}/pid; error_log {folder}/error.log;"
    (folder / "nginx.conf").write_text(f"{logs} events {{}} http {{ access_log off;\n{site}\n}}")
    return ("nginx", "-t", "-p", str(folder), "-c", str(folder / "nginx.conf"))


def caddy(_folder: Path) -> tuple[str, ...]:
    return ("caddy", "adapt", "--config", str(DEPLOY / "caddy" / "Caddyfile"), "--adapter", "caddyfile")


# Those that are on this machine; elsewhere the tests above have to do.
TOOLS = [tool for tool in (nginx, caddy) if shutil.which(tool.__name__)]


@pytest.mark.slow
def test_the_proxies_own_programs_agree(tmp_path):
    for tool in TOOLS:
        done = run(*tool(tmp_path))
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_systemds_own_program_agrees_and_finds_little_exposed():
    if not shutil.which("systemd-analyze"):
        return
    for unit in UNITS:
        told = run("systemd-analyze", "verify", "--man=no", str(unit)).stderr
        ours = [line for line in told.splitlines() if "odziv" in line and "not executable" not in line]
        assert [line for line in ours if re.search("Unknown|Failed to parse|Invalid|ignoring", line)] == []
    for unit in ("odziv.service", "odziv@.service", "odziv-backup.service"):
        done = run("systemd-analyze", "security", "--offline=yes", "--threshold=25", str(DEPLOY / "systemd" / unit))
        assert done.returncode == 0, done.stdout[-600:]
