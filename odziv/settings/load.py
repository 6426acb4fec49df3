"""Reads `config.yml` (its `odziv:` key) and the environment. A bad setting stops the start and names the fix."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from odziv.settings.attachments import S3Settings, check_place
from odziv.settings.database import check_address, check_redis_address
from odziv.settings.hours import Calendar, Hours
from odziv.settings.inner import InnerAddress
from odziv.settings.languages import LANGUAGES, Language
from odziv.settings.mail import Mailbox, MailSettings
from odziv.settings.oidc import OidcSettings
from odziv.settings.origins import read_origin
from odziv.settings.retention import Retention
from odziv.settings.section import Section
from odziv.settings.sites import CustomerSettings, Words
from odziv.settings.together import check_together
from odziv.settings.wrong import WrongValue

ROOT = Path(__file__).parents[2]
# Settings an operator changes from machine to machine: environment variable → key in `odziv:`.
ENVIRONMENT = {
    "ODZIV_PORT": "port",
    "ODZIV_HOST": "host",
    "ODZIV_VAR": "var",
    "ODZIV_PUBLIC_URL": "public_url",
    "ODZIV_RASA_HOST": "rasa_host",
    "ODZIV_RASA_PORT": "rasa_port",
    "ODZIV_WORKER_HOST": "worker_host",
    "ODZIV_WORKER_PORT": "worker_port",
    "ODZIV_DATABASE_URL": "database_url",
    "ODZIV_REDIS_URL": "redis_url",
}
ADDRESSES = ("odziv.database_url", "odziv.redis_url")  # they may hold a password
# The shipped phrases by which a message goes to a person at once.
LEGAL = "odziv/cases/legal/legal.yml"
# What it means when a secret is made anew.
LOST = defaultdict(
    lambda: "A new one is made.",
    session="A new one is made, and agents sign in again.",
    visitors="A new one is made, and customers begin new conversations.",
    push="A new one is made, and agents turn their notifications on again.",
)
LEAST_SHARE, LARGEST_SHARE = 0.5, 0.999
# The parts of the library of topics (kb/library/topics.yml), and the areas within them.
LIBRARY_PARTS = (
    "shop", "near", "company",
    "account", "complaints", "contacts", "delivery", "orders", "payment", "privacy", "products", "returns", "shops",
    "vouchers",
)  # fmt: skip
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class BadSetting(Exception):
    """A setting can't be used; the message names its key and what to write instead."""


class Site(CustomerSettings):
    """A website with the widget on it."""

    name: Annotated[str, Field(max_length=100)]
    origins: tuple[str, ...] = ()
    color: str = ""
    theme: Literal["auto", "light", "dark"] = "auto"
    position: Literal["right", "left"] = "right"
    launcher: dict[Language, Words] = {}
    greeting: dict[Language, Words] = {}
    languages: tuple[Language, ...] = ()
    tags: tuple[str, ...] = ()
    person: bool = True

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.strip() or not name.isprintable():
            raise WrongValue("write a name of one line and at most 100 characters")
        return name

    @field_validator("color")
    @classmethod
    def _check_color(cls, color: str) -> str:
        if color and not re.fullmatch("#[0-9a-fA-F]{6}", color):
            raise WrongValue("write a colour like #1f5c4a, or leave it empty").in_file(
                'write a colour like "#1f5c4a", or leave it empty'
            )
        return color

    @field_validator("origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for written in origins:
            origin = read_origin(written)
            if origin is None:
                raise WrongValue(
                    "“%(written)s” is no address of a website; write it with https:// and without a path, like "
                    "https://shop.example",
                    written=written,
                ).in_file(f"{written!r} is no origin; write scheme and host only, like https://shop.example")
            found.append(origin)
        return tuple(found)


DEMO = {"demo": Site(name="Smreka")}  # the shop to try things in, until there is a site of one's own


class Limits(Section):
    """What one visitor or address may send."""

    message_characters: Annotated[int, Field(ge=100, le=20_000)] = 2000
    body_bytes: Annotated[int, Field(ge=4096, le=1_048_576)] = 32_768
    attachment_bytes: Annotated[int, Field(ge=65_536, le=104_857_600)] = 10_485_760
    messages_per_minute_per_visitor: Annotated[int, Field(ge=1)] = 20
    messages_per_minute_per_address: Annotated[int, Field(ge=1)] = 120
    conversations_per_minute_per_address: Annotated[int, Field(ge=1)] = 30
    streams_per_address: Annotated[int, Field(ge=1)] = 60
    calls_per_minute_per_token: Annotated[int, Field(ge=1)] = 300
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0


Minutes = Annotated[int, Field(ge=0, le=43_200)]


class MinutesByPriority(Section):
    """Business minutes until an answer, by priority; 0: there is no target."""

    normal: Minutes
    high: Minutes
    urgent: Minutes


class Targets(Section):
    """How soon a customer who waits for a person hears from one, first and then again."""

    first_reply: MinutesByPriority = MinutesByPriority(normal=60, high=30, urgent=15)
    next_reply: MinutesByPriority = MinutesByPriority(normal=120, high=60, urgent=30)


class AutoClose(Section):
    """After how many hours of a customer's silence they get a word, and after how many more it is closed.

    Hours by the clock, not business hours. `word_hours` 0: neither.
    """

    word_hours: Annotated[int, Field(ge=0, le=720)] = 0
    close_hours: Annotated[int, Field(ge=1, le=720)] = 24


class Desk(Section):
    """How waiting conversations find their agents, and what holds for the people at the desk."""

    assignment: Literal["pull", "auto"] = "pull"
    lease_minutes: Annotated[int, Field(ge=2, le=1440)] = 10
    agent_capacity: Annotated[int, Field(ge=1, le=100)] = 6
    agent_languages: tuple[Language, ...] = ()
    agent_topics: tuple[Annotated[str, Field(pattern=r"^[^/\s][^/]{0,63}$")], ...] = ()
    take_over: Literal["admins", "everyone"] = "admins"
    require_two_factor: Literal["none", "admins", "all"] = "none"
    audit_days: Annotated[int, Field(ge=1, le=3650)] = 365
    undo_seconds: Annotated[int, Field(ge=0, le=60)] = 5
    read_receipts: bool = True
    push: bool = True
    hours: Hours = Hours()
    promises: Targets = Targets()  # the setting keeps its name; in code they are targets
    auto_close: AutoClose = AutoClose()
    webhook_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9._:-]{1,253}$")], ...] = ()


CategoryKey = Annotated[str, Field(pattern=r"^[^/\s][^/]{0,63}$")]  # a folder of articles
CategoryName = Annotated[str, Field(min_length=1, max_length=80)]


class Settings(Section):
    """Every setting of Odziv. `config.yml` explains them one by one."""

    sites: Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")], Site], Field(min_length=1)] = DEMO
    languages: tuple[Language, ...] = LANGUAGES
    default_language: Language = "en"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: str = ""
    var: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    attachments: str = ""
    articles: Path = Path("kb/articles")
    legal: Path = Path(LEGAL)
    encoder: str = "embedded"
    answer_precision: float | dict[str, float] = 0.9
    suggest_recall: float | dict[str, float] = 0.95
    library: str | tuple[str, ...] = "auto"
    categories: dict[CategoryKey, dict[Language, CategoryName]] = {}
    rasa_host: str = "127.0.0.1"
    rasa_port: Annotated[int, Field(ge=1, le=65535)] = 5005
    worker_host: str = "127.0.0.1"
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 0
    workers: tuple[InnerAddress, ...] = ()
    rasa_urls: tuple[InnerAddress, ...] = ()
    rasa_timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    turn_workers: Annotated[int, Field(ge=1, le=64)] = 8
    max_streams: Annotated[int, Field(ge=8, le=10_000)] = 2500
    visitor_token_days: Annotated[int, Field(ge=1, le=365)] = 30
    agent_session_hours: Annotated[int, Field(ge=1, le=168)] = 12
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics: Literal["auto", "token", "off"] = "auto"

    s3: S3Settings = S3Settings()
    limits: Limits = Limits()
    desk: Desk = Desk()
    mail: MailSettings = MailSettings()
    oidc: OidcSettings = OidcSettings()
    retention: Retention = Retention()

    @model_validator(mode="before")
    @classmethod
    def _anchor_folders(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Relative folders and files are relative to the project, wherever the command was started."""
        for key, default in (("var", "var"), ("articles", "kb/articles"), ("legal", LEGAL)):
            values[key] = (ROOT / str(values.get(key) or default)).resolve()
        return values

    @field_validator("answer_precision", "suggest_recall", mode="plain")
    @classmethod
    def _check_share(cls, value: Any) -> float | dict[str, float]:
        """A share for all languages, or one for each that is named, the others having that of `default`."""
        if not isinstance(value, dict):
            return _read_share(value, "")
        for language in value:
            if language not in (*LANGUAGES, "default"):
                raise WrongValue("there is no language “%(code)s”", code=language).in_file(
                    f"{language!r} is no language; write {', '.join(LANGUAGES)} or default before a number"
                )
        return {language: _read_share(share, language) for language, share in value.items()}

    @field_validator("library", mode="plain")
    @classmethod
    def _check_library(cls, value: Any) -> str | tuple[str, ...]:
        """Which topics of the library count: auto, off, or the parts that are named."""
        if value is False or value in ("auto", "off"):  # YAML takes a bare off for false
            return value or "off"
        if not isinstance(value, list | tuple) or not value:
            raise ValueError("write auto, off, or a list of parts, like [shop, near]")
        for part in value:
            if part not in LIBRARY_PARTS:
                raise ValueError(f"{part!r} is no part of the library; write some of {', '.join(LIBRARY_PARTS)}")
        return tuple(value)

    @field_validator("metrics", mode="before")
    @classmethod
    def _read_bare_off(cls, value: Any) -> Any:
        return "off" if value is False else value  # YAML takes a bare off for false

    @field_validator("host", "rasa_host", "worker_host")
    @classmethod
    def _check_host(cls, host: str) -> str:
        """An address or a name; an IPv6 address with brackets around it counts without them."""
        host = host.strip()
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        try:
            return str(ip_address(bare)) if "%" not in bare else _refuse_host()
        except ValueError:
            return bare if HOST.fullmatch(bare) else _refuse_host()

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        origin = read_origin(url.rstrip("/").lower()) if url else ""
        if origin is None:
            raise ValueError(
                "write scheme and host only, like https://help.example.com, or leave it empty; below a path of "
                "another site Odziv can't be served"
            )
        return origin

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: str) -> str:
        return check_address(url)

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: str) -> str:
        return check_redis_address(url)

    @field_validator("attachments")
    @classmethod
    def _check_attachments(cls, place: str) -> str:
        return check_place(place)

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        check_together(self)
        return self

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        """Those of e-mail, by name, the first one first; empty while it is off."""
        return self.mail.boxes(next(iter(self.sites)))

    def calendar(self, language: str = "", mailbox: str | None = None) -> Calendar:
        """When somebody is there for a language; for what came to a mailbox with hours of its own, by those."""
        box = self.mail.mailboxes.get(mailbox or "")
        return ((box and box.hours) or self.desk.hours).calendar(language)

    @property
    def audit_days(self) -> int:
        """For how many days the audit trail is kept: as `retention` says, else as `desk` does."""
        return self.retention.audit or self.desk.audit_days

    def tags_of(self, site_key: str) -> tuple[str, ...]:
        """Which articles a site's customers are answered from; empty: all."""
        site = self.sites.get(site_key)
        return site.tags if site else ()

    def languages_of(self, site: Site) -> tuple[str, ...]:
        """The languages a site's customers are served in; all there are where it names none."""
        return site.languages or self.languages

    @property
    def url(self) -> str:
        """Where customers and agents reach this server, without a slash at the end."""
        return (self.public_url or f"http://{_reachable(self.host)}:{self.port}").rstrip("/")

    @property
    def bind(self) -> str:
        """What the web process listens on, host and port as they stand in a URL: "0.0.0.0:8080", "[::1]:8080"."""
        return f"{_in_url(self.host)}:{self.port}"

    @property
    def own_url(self) -> str:
        """Where this machine itself reaches the web process."""
        return f"http://{_in_url(_from_here(self.host))}:{self.port}"

    @property
    def own_worker_port(self) -> int:
        """The port of a worker on this machine: where none is named, near Rasa's, of which each installation has its
        own."""
        return self.worker_port or (self.rasa_port + 10 if self.rasa_port <= 65_525 else self.rasa_port - 10)

    @property
    def worker_bind(self) -> str:
        """What a worker listens on, host and port as they stand in a URL."""
        return f"{_in_url(self.worker_host)}:{self.own_worker_port}"

    @property
    def worker_url(self) -> str:
        """Where this machine itself reaches its worker."""
        return f"http://{_in_url(_from_here(self.worker_host))}:{self.own_worker_port}"

    @property
    def worker_urls(self) -> tuple[str, ...]:
        """Where a web process reaches the workers: those that are named, else the one beside it."""
        return self.workers or (self.worker_url,)

    @property
    def rasa_url(self) -> str:
        """Where this machine itself reaches its Rasa."""
        return f"http://{_in_url(_from_here(self.rasa_host))}:{self.rasa_port}"

    @property
    def is_https(self) -> bool:
        """Whether the outside sees https; then cookies are Secure."""
        return self.url.startswith("https://")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.var / 'odziv.sqlite'}"

    @property
    def max_connections(self) -> int:
        """How many connections are taken at once: those with streams, those with requests, and as many that rest."""
        return 2 * (self.max_streams + 64)

    @property
    def index(self) -> Path:
        """The folder of the knowledge base's index."""
        return self.var / "index"

    def secret(self, name: str) -> str:
        """A random secret of this installation, made on first use, readable by its owner only."""
        path = self.var / "secrets" / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _make_secret(path)
            value = path.read_text("ascii").strip()
        except OSError as error:
            raise BadSetting(
                f"the secret {path} can't be read ({error.strerror}); it has to be a file that Odziv's account may read"
            ) from error
        except UnicodeDecodeError:
            value = ""
        if len(value) < 32 or not value.isprintable():
            raise BadSetting(
                f"the secret {path} is damaged; put it back from your backup, or delete the file and start again."
                f" {LOST[name]}"
            )
        return value


def find_config(environment: Mapping[str, str] | None = None) -> Path:
    """The file that settings are read from: `ODZIV_CONFIG`, else the project's own."""
    environment = os.environ if environment is None else environment
    return ROOT / environment.get("ODZIV_CONFIG", "config.yml")


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None, *, passwords: bool = True
) -> Settings:
    """Settings from a file and the environment, which wins. Raises BadSetting.

    Without `passwords`, those of mail servers need not be there: only who serves connects to them, and they may stand
    where only the service reads them.
    """
    environment = os.environ if environment is None else environment
    path = path or find_config(environment)
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSetting(f"{path.name} can't be read: {error}") from error
    values = (document or {}).get("odziv") if isinstance(document, dict) else None
    if not isinstance(values, dict):
        raise BadSetting(f"{path.name} has no `odziv:` section; copy it from the release's config.yml")
    values = dict(values)
    for name, key in ENVIRONMENT.items():
        if environment.get(name):
            values[key] = environment[name]
    try:
        settings = Settings.model_validate(values)
        if passwords:
            settings.mail.check_passwords(environment)
            settings.oidc.secret(environment)
            if settings.attachments:
                settings.s3.check_secret(environment)
        return settings
    except ValidationError as error:
        raise BadSetting(_explain(error, path.name)) from error
    except ValueError as error:
        raise BadSetting(f"{path.name}: {error}") from error


def _explain(error: ValidationError, file: str) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(["odziv", *(str(part) for part in problem["loc"])])
        variable = next((n for n, k in ENVIRONMENT.items() if problem["loc"][:1] == (k,)), None)
        also = f" (or {variable} in the environment)" if variable else ""
        # Where a whole section would be quoted, or a password with it, nothing is.
        is_value = isinstance(problem["input"], str | int | float | bool) and key not in ADDRESSES
        got = f", got {problem['input']!r}" if is_value else ""
        lines.append(f"{file}: {key}{also}: {problem['msg']}{got}")
    return "\n".join(lines)


def _read_share(value: Any, language: str) -> float:
    """The number from LEAST_SHARE to LARGEST_SHARE; raises WrongValue, which at the desk speaks of percentages."""
    # A bool is an int to Python; "not (a <= x <= b)" also refuses what is no number at all, NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST_SHARE <= value <= LARGEST_SHARE:
        bounds = {"least": 100 * LEAST_SHARE, "most": 100 * LARGEST_SHARE}
        problem = WrongValue("write a number from %(least)s to %(most)s", **bounds)
        place = got = ""
        if language:
            problem = WrongValue("%(language)s: write a number from %(least)s to %(most)s", language=language, **bounds)
            place, got = f"{language}: ", f", not {value!r}" if isinstance(value, str | int | float) else ""
        raise problem.in_file(
            f"{place}write a number from {LEAST_SHARE} to {LARGEST_SHARE}{got}; "
            "for each language on its own, like {default: 0.9, pl: 0.95}"
        )
    return float(value)


def _make_secret(path: Path) -> None:
    """Writes it aside and links it into place: of two processes that start at once one wins, neither sees half."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _refuse_host() -> NoReturn:
    raise ValueError("write an address or a name to listen on, like 127.0.0.1, 0.0.0.0, ::1 or ::")


def _reachable(host: str) -> str:
    return "localhost" if host in {"0.0.0.0", "127.0.0.1", "::", "::1"} else _in_url(host)


def _from_here(host: str) -> str:
    """The address at which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _in_url(host: str) -> str:
    """As it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
