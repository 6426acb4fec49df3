"""A bad setting stops the start and names its key and the fix; a good one arrives."""

from __future__ import annotations

import shutil
import stat
import threading
from pathlib import Path

import pytest
import yaml

from odziv.settings import ENVIRONMENT, ROOT, BadSetting, Settings, load_settings

SITES = {"demo": {"name": "Smreka", "origins": ["https://shop.example"]}}


@pytest.fixture
def load(tmp_path: Path):
    """Settings from a config.yml with these keys beside `sites`."""

    def load(values: dict | None = None, environment: dict[str, str] | None = None) -> Settings:
        path = tmp_path / "config.yml"
        document = {"recipe": "default.v1", "odziv": {"sites": SITES, **(values or {})}}
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return load_settings(path, environment or {})

    return load


def test_defaults(load):
    settings = load()
    assert (settings.port, settings.url, settings.is_https) == (8080, "http://localhost:8080", False)
    assert settings.database == f"sqlite:///{ROOT}/var/odziv.sqlite"
    assert settings.index == ROOT / "var" / "index"
    assert settings.articles == ROOT / "kb" / "articles"


@pytest.mark.parametrize(
    ("values", "key", "hint"),
    [
        ({"port": "many"}, "odziv.port", "ODZIV_PORT"),
        ({"port": 0}, "odziv.port", "greater than or equal to 1"),
        ({"port": 70000}, "odziv.port", "65535"),
        ({"rasa_port": 8080}, "odziv", "port, rasa_port and worker_port must differ"),
        ({"languages": ["de"]}, "odziv.languages.0", "'sl', 'hr', 'pl' or 'en'"),
        ({"languages": []}, "odziv", "default_language must be one of"),
        ({"languages": ["sl"]}, "odziv", "default_language must be one of languages (sl), not en"),
        ({"languages": "sl"}, "odziv.languages", "tuple"),
        ({"default_language": "de"}, "odziv.default_language", "'sl', 'hr', 'pl' or 'en'"),
        ({"answer_precision": 1.5}, "odziv.answer_precision", "0.999"),
        ({"answer_precision": 0.1}, "odziv.answer_precision", "0.5"),
        ({"answer_precision": True}, "odziv.answer_precision", "number from 0.5 to 0.999"),
        ({"answer_precision": float("nan")}, "odziv.answer_precision", "number from 0.5 to 0.999"),
        ({"answer_precision": None}, "odziv.answer_precision", "like {default: 0.9, pl: 0.95}"),
        ({"answer_precision": [0.9]}, "odziv.answer_precision", "like {default: 0.9, pl: 0.95}"),
        ({"suggest_recall": "high"}, "odziv.suggest_recall", "number"),
        (
            {"suggest_recall": {"pl": "high"}},
            "odziv.suggest_recall",
            "pl: write a number from 0.5 to 0.999, not 'high'",
        ),
        (
            {"answer_precision": {"default": 1}},
            "odziv.answer_precision",
            "default: write a number from 0.5 to 0.999, not 1",
        ),
        ({"answer_precision": {"pl": {"x": 1}}}, "odziv.answer_precision", "pl: write a number"),
        (
            {"answer_precision": {"de": 0.9}},
            "odziv.answer_precision",
            "'de' is no language; write sl, hr, pl, en or default",
        ),
        ({"answer_precision": {"no": 0.9, 1: 0.9}}, "odziv.answer_precision", "is no language"),
        (
            {"answer_precision": {"pl": 0.9}, "languages": ["sl", "en"]},
            "odziv",
            "answer_precision names pl, which is not one of languages",
        ),
        ({"library": "on"}, "odziv.library", "write auto, off, or a list of parts, like [shop, near]"),
        ({"library": True}, "odziv.library", "write auto, off, or a list of parts"),
        ({"library": []}, "odziv.library", "write auto, off, or a list of parts"),
        ({"library": {"shop": True}}, "odziv.library", "write auto, off, or a list of parts"),
        (
            {"library": ["shop", "retunrs"]},
            "odziv.library",
            "'retunrs' is no part of the library; write some of shop, ",
        ),
        ({"library": ["shop", 1]}, "odziv.library", "1 is no part of the library"),
        ({"rasa_timeout_seconds": 0}, "odziv.rasa_timeout_seconds", "greater than 0"),
        ({"log_level": "LOUD"}, "odziv.log_level", "'WARNING'"),
        ({"public_url": "help.example.com"}, "odziv.public_url", "https://help.example.com"),
        ({"public_url": "https://example.com/help"}, "odziv.public_url", "scheme and host only"),
        ({"public_url": "javascript:alert(1)"}, "odziv.public_url", "ODZIV_PUBLIC_URL"),
        ({"database_url": "my.sqlite"}, "odziv.database_url", "postgresql://"),
        ({"database_url": "postgresql://host:many/odziv"}, "odziv.database_url", "postgresql://"),
        ({"database_url": "postgresql://host"}, "odziv.database_url", "names no database"),
        ({"database_url": "postgresql://odziv:p@ss@host/odziv"}, "odziv.database_url", "%40"),
        ({"database_url": "postgresql+psycopg2://host/odziv"}, "odziv.database_url", "only SQLite and PostgreSQL"),
        ({"database_url": "mysql://odziv@host/odziv"}, "odziv.database_url", "only SQLite and PostgreSQL"),
        ({"redis_url": "host:6379"}, "odziv.redis_url", "redis://"),
        ({"redis_url": "redis://"}, "odziv.redis_url", "ODZIV_REDIS_URL"),
        ({"redis_url": "redis://host:many"}, "odziv.redis_url", "redis://"),
        ({"redis_url": "http://host:6379"}, "odziv.redis_url", "rediss://"),
        ({"redis_url": "redis://:p@ss@host"}, "odziv.redis_url", "%40"),
        ({"redis_url": "redis://host/first"}, "odziv.redis_url", "the number of the database"),
        ({"redis_url": "redis://host/0/1"}, "odziv.redis_url", "the number of the database"),
        ({"redis_url": "redis://host?ssl_cert_reqs=none"}, "odziv.redis_url", "nothing else"),
        ({"limits": {"message_characters": 5}}, "odziv.limits.message_characters", "100"),
        ({"limits": {"messages": 5}}, "odziv.limits.messages", "not permitted"),
        ({"limits": None}, "odziv.limits", "Limits"),
        ({"colour": "red"}, "odziv.colour", "not permitted"),
        ({3: "x"}, "odziv.3", "string"),
        ({"sites": {}}, "odziv.sites", "at least 1"),
        ({"sites": None}, "odziv.sites", "dictionary"),
        ({"sites": {"a b": {"name": "x"}}}, "odziv.sites.a b", "match"),
        ({"sites": {"demo": None}}, "odziv.sites.demo", "Site"),
        ({"sites": {"demo": {}}}, "odziv.sites.demo.name", "required"),
        ({"sites": {"demo": {"name": "x", "origin": []}}}, "odziv.sites.demo.origin", "not permitted"),
    ],
)
def test_a_bad_setting_names_its_key_and_the_fix(load, values, key, hint):
    with pytest.raises(BadSetting) as refused:
        load(values)
    assert f"config.yml: {key}" in str(refused.value)
    assert hint in str(refused.value)


@pytest.mark.parametrize("key", ["answer_precision", "suggest_recall"])
@pytest.mark.parametrize("value", [0.5, 0.999, {}, {"pl": 0.95}, {"default": 0.8, "sl": 0.97, "en": 0.6}])
def test_a_share_is_for_all_languages_or_for_each(load, key, value):
    assert getattr(load({key: value}), key) == value


@pytest.mark.parametrize(
    ("written", "meant"),
    [("auto", "auto"), ("off", "off"), (False, "off"), (["shop", "privacy"], ("shop", "privacy"))],
)
def test_what_of_the_library_counts(load, written, meant):
    assert load({"library": written}).library == meant and load().library == "auto"


@pytest.mark.parametrize(
    "origin",
    ["shop.example", "https://shop.example/", "https://shop.example/a", "*", "https://*.shop.example", "null",
     "https://Shop.example", "ftp://shop.example", "https://shop.example\n", "https://a@shop.example", ""],
)  # fmt: skip
def test_an_origin_is_scheme_and_host_only(load, origin):
    with pytest.raises(BadSetting, match=r"origins.*write scheme and host only, like https://shop.example"):
        load({"sites": {"demo": {"name": "x", "origins": [origin]}}})


AS_BROWSERS_SAY = [
    ("https://žaba.example", "https://xn--aba-b3a.example"),
    ("https://pomoč.žaba.example:8443", "https://xn--pomo-jua.xn--aba-b3a.example:8443"),
    ("https://shop.example:443", "https://shop.example"),
    ("http://shop.example:80", "http://shop.example"),
    ("http://shop.example:443", "http://shop.example:443"),
    ("https://[::1]:443", "https://[::1]"),
]


@pytest.mark.parametrize(("written", "origin"), AS_BROWSERS_SAY)
def test_an_origin_is_compared_as_browsers_send_it(load, written, origin):
    settings = load({"public_url": written, "sites": {"demo": {"name": "x", "origins": [written]}}})
    assert (settings.sites["demo"].origins, settings.url) == ((origin,), origin)


def test_two_bad_settings_are_both_told(load):
    with pytest.raises(BadSetting) as refused:
        load({"port": 0, "log_level": "LOUD"})
    assert "odziv.port" in str(refused.value) and "odziv.log_level" in str(refused.value)


@pytest.mark.parametrize(
    "also_wrong",
    [
        {"database_url": url}
        for url in (
            "s3cret@host",
            "mysql://odziv:s3cret@host/odziv",
            "postgresql://o:s3cret@host",
            "postgresql://odziv:x@s3cret@host/odziv",
            "postgresql://odziv@host:s3cret/odziv",
        )
    ]
    + [
        {"redis_url": url}
        for url in (
            "s3cret@host",
            "http://:s3cret@host",
            "redis://:x@s3cret@host",
            "redis://:s3cret@host:x",
            "redis://:s3cret@host/x",
        )
    ]
    + [{"rasa_port": 8080}, {"languages": ["sl"]}, {"sites": {}}],
)
def test_a_refusal_does_not_quote_a_password(load, also_wrong):
    with pytest.raises(BadSetting) as refused:
        load(
            {"database_url": "postgresql://odziv:s3cret@host/odziv", "redis_url": "redis://:s3cret@host", **also_wrong}
        )
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "recipe: x", "odziv:", "odziv: 5", "- odziv", "just text", "odziv: []"])
def test_a_file_without_our_section(tmp_path, content):
    (tmp_path / "config.yml").write_text(content)
    with pytest.raises(BadSetting, match=r"config.yml has no `odziv:` section"):
        load_settings(tmp_path / "config.yml", {})


@pytest.mark.parametrize("content", [b"odziv: [", b"\xff\xfe", b"a: b: c", b"odziv: !!python/object:os.system {}"])
def test_a_file_that_is_no_yaml(tmp_path, content):
    (tmp_path / "config.yml").write_bytes(content)
    with pytest.raises(BadSetting, match=r"config.yml can't be read"):
        load_settings(tmp_path / "config.yml", {})


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadSetting, match=r"config.yml can't be read"):
        load_settings(tmp_path / "config.yml", {})


def test_the_environment_wins(load, tmp_path):
    environment = {
        "ODZIV_PORT": "9000",
        "ODZIV_HOST": "0.0.0.0",
        "ODZIV_VAR": str(tmp_path / "data"),
        "ODZIV_PUBLIC_URL": "https://Help.example.com/",
        "ODZIV_RASA_HOST": "10.0.0.6",
        "ODZIV_RASA_PORT": "9001",
        "ODZIV_WORKER_HOST": "10.0.0.5",
        "ODZIV_WORKER_PORT": "9002",
        "ODZIV_DATABASE_URL": "postgresql+psycopg://host/odziv",
        "ODZIV_REDIS_URL": "rediss://:p%40ss@host:6380/1",
    }
    assert set(environment) == set(ENVIRONMENT)
    settings = load(
        {"port": 8081, "host": "127.0.0.1", "var": "elsewhere", "public_url": "http://x.example"}, environment
    )
    assert (settings.port, settings.host, settings.rasa_host, settings.rasa_port) == (9000, "0.0.0.0", "10.0.0.6", 9001)
    assert (settings.worker_bind, settings.worker_urls) == ("10.0.0.5:9002", ("http://10.0.0.5:9002",))
    assert (settings.var, settings.database) == (tmp_path / "data", "postgresql+psycopg://host/odziv")
    assert (settings.url, settings.is_https) == ("https://help.example.com", True)
    assert settings.redis_url == "rediss://:p%40ss@host:6380/1"


def test_a_bad_value_from_the_environment_names_the_variable(load):
    with pytest.raises(BadSetting, match=r"ODZIV_PORT in the environment.*'many'"):
        load(environment={"ODZIV_PORT": "many"})


def test_an_empty_variable_is_none(load):
    assert load({"port": 8081}, {"ODZIV_PORT": ""}).port == 8081


def test_another_file_by_environment(tmp_path):
    (tmp_path / "mine.yml").write_text(yaml.safe_dump({"odziv": {"sites": SITES, "port": 8123}}))
    assert load_settings(environment={"ODZIV_CONFIG": str(tmp_path / "mine.yml")}).port == 8123


def test_folders_are_the_projects_wherever_the_command_runs(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load({"var": "data"}).var == ROOT / "data"
    assert load({"var": str(tmp_path)}).var == tmp_path


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::", "::1"])
def test_the_own_address_is_one_a_browser_can_open(load, host):
    assert load({"host": host}).url == "http://localhost:8080"


def test_a_secret_is_made_once_and_readable_by_its_owner_only(settings):
    secret = settings.secret("session")
    assert (len(secret), settings.secret("session")) == (64, secret)
    assert settings.secret("visitors") != secret
    path = settings.var / "secrets" / "session"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {p.name for p in path.parent.iterdir()} == {"session", "visitors"}


def test_sixteen_who_ask_for_a_new_secret_at_once_get_the_same(settings):
    start, got = threading.Barrier(16), []

    def ask() -> None:
        start.wait()
        got.append(settings.secret("session"))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 16 and len(set(got)) == 1


def test_a_damaged_secret_says_what_to_do(settings):
    path = settings.var / "secrets" / "session"
    path.parent.mkdir(parents=True)
    path.write_text("")
    with pytest.raises(BadSetting, match="delete the file and start again"):
        settings.secret("session")


@pytest.mark.parametrize(
    ("host", "bind", "own", "url"),
    [
        ("127.0.0.1", "127.0.0.1:8080", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("0.0.0.0", "0.0.0.0:8080", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("localhost", "localhost:8080", "http://localhost:8080", "http://localhost:8080"),
        ("::", "[::]:8080", "http://[::1]:8080", "http://localhost:8080"),
        ("[::]", "[::]:8080", "http://[::1]:8080", "http://localhost:8080"),
        ("::1", "[::1]:8080", "http://[::1]:8080", "http://localhost:8080"),
        ("[::1]", "[::1]:8080", "http://[::1]:8080", "http://localhost:8080"),
        ("0:0:0:0:0:0:0:1", "[::1]:8080", "http://[::1]:8080", "http://localhost:8080"),
        ("2001:DB8::5", "[2001:db8::5]:8080", "http://[2001:db8::5]:8080", "http://[2001:db8::5]:8080"),
        ("shop-1.lan", "shop-1.lan:8080", "http://shop-1.lan:8080", "http://shop-1.lan:8080"),
    ],
)
def test_hosts_are_written_as_addresses_of_their_kind_are(load, host, bind, own, url):
    settings = load({"host": host})
    assert (settings.bind, settings.own_url, settings.url) == (bind, own, url)


@pytest.mark.parametrize(
    "host", ["fe80::1%eth0", "[::", ":::", "127.0.0.1:8080", "[::1]:8080", "http://x", "a b", "-x", "x/y"]
)
def test_what_nobody_can_listen_on_is_refused(load, host):
    with pytest.raises(BadSetting, match="write an address or a name to listen on"):
        load({"host": host})


def test_a_public_address_has_no_path_and_may_be_of_ipv6(load):
    with pytest.raises(BadSetting, match="below a path of another site Odziv can't be served"):
        load({}, {"ODZIV_PUBLIC_URL": "https://shop.example/support"})
    settings = load({}, {"ODZIV_PUBLIC_URL": "https://[2001:DB8::1]:8443/"})
    assert settings.url == "https://[2001:db8::1]:8443"


@pytest.mark.parametrize("damage", ["short", "binary", "empty", "folder", "no folder", "letters"])
def test_a_damaged_secret_is_told_in_a_sentence(load, tmp_path, damage):
    settings = load({"var": str(tmp_path / "var")})
    settings.secret("session")
    path = tmp_path / "var" / "secrets" / "session"
    if damage == "no folder":
        shutil.rmtree(path.parent)
        path.parent.write_text("in the way")
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        content = {"short": b"x", "binary": b"\xff" * 64, "empty": b"", "letters": "č".encode() * 64}[damage]
        path.write_bytes(content)
    with pytest.raises(BadSetting, match="secret") as refused:
        settings.secret("session")
    assert str(path) in str(refused.value) and ("back" in str(refused.value) or "can't be read" in str(refused.value))


@pytest.mark.parametrize(
    ("rasa", "named", "port"), [(5005, 0, 5015), (5006, 0, 5016), (65_530, 0, 65_520), (5005, 7000, 7000)]
)
def test_a_worker_is_near_its_rasa_unless_a_port_is_named(load, rasa, named, port):
    settings = load({"rasa_port": rasa, "worker_port": named}, {})
    assert (settings.worker_bind, settings.worker_url) == (f"127.0.0.1:{port}", f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address",
    ["10.0.0.5:5015", "https://10.0.0.5:5015", "http://10.0.0.5", "http://10.0.0.5:x", "http://10.0.0.5:5015/inner",
     "http://me@10.0.0.5:5015", "http://10.0.0.5:99999", ""],
)  # fmt: skip
@pytest.mark.parametrize("key", ["workers", "rasa_urls"])
def test_what_is_no_address_of_a_process_is_refused_with_what_to_write(load, key, address):
    with pytest.raises(BadSetting, match=rf"odziv.{key}.0.*write it like http://10.0.0.5:5015"):
        load({key: [address]}, {})


def test_addresses_of_processes_are_taken_with_a_slash_and_by_name(load):
    settings = load({"workers": ["http://Worker-1.internal:5015/"], "rasa_urls": ["http://[fd00::5]:5005"]}, {})
    assert settings.worker_urls == ("http://worker-1.internal:5015",)
    assert settings.rasa_urls == ("http://[fd00::5]:5005",)
