"""Who a site says its customer is: a JWT signed with a secret that only the site's server and this one know."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from odziv.cases.customers.customer_details import clean_line
from odziv.cases.mail_addresses import check_email
from odziv.settings import BadSetting, Settings
from odziv.store.lengths import LONGEST_CUSTOMER_ID, LONGEST_CUSTOMER_NAME
from odziv.web.errors import ApiError

LEAST_CHARACTERS = 32  # HMAC-SHA-256 wants a key as long as its result
LONGEST_HOURS = 12  # how far ahead a token may expire: what is copied out of a page is soon worth nothing
SKEW_SECONDS = 60  # by how much the two clocks may differ
MOST_KEYS = 5
KEY_LINE = re.compile(r"([A-Za-z0-9_.-]{1,64})\s+(\S+)")


@dataclass(frozen=True)
class VerifiedPerson:
    """A customer whose identity the site verified; `customer` is the site's own id for them."""

    customer: str
    name: str | None = None
    email: str | None = None


def read_identity(token: str, settings: Settings, site_key: str) -> VerifiedPerson:
    """Whom a token names. Raises ApiError 403 `identity_refused`, which says why: for the site's developers."""
    keys = read_keys(settings, site_key)
    if not keys:
        raise _refusal(f"site {site_key!r} has no secret yet; make one with: flask --app server identity make-secret")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if kid is not None and kid not in keys:
            raise _refusal("no secret has this token's kid.")
        return _person_of(_decode(token, [keys[kid]] if kid else list(keys.values()), site_key))
    except jwt.InvalidTokenError as error:
        raise _refusal(f"{error}.") from error
    except (ValueError, OverflowError, RecursionError) as error:  # exp: 1e999, ten thousand brackets, half surrogates
        raise _refusal("the token is not valid.") from error


def _decode(token: str, candidates: list[str], site_key: str) -> dict[str, Any]:
    """The claims, once one of the secrets fits. Raises jwt.InvalidTokenError, of the last one tried."""
    for number, secret in enumerate(candidates, 1):
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=site_key,
                leeway=SKEW_SECONDS,
                options={"require": ["sub", "exp", "aud"], "strict_aud": True},
            )
        except jwt.InvalidSignatureError:
            if number == len(candidates):
                raise
    raise jwt.InvalidTokenError("the token is not valid")


def _person_of(claims: dict[str, Any]) -> VerifiedPerson:
    """What counts of the claims. An odd name or e-mail address is left out; an odd `sub` is refused."""
    if float(claims["exp"]) > time.time() + LONGEST_HOURS * 3600 + SKEW_SECONDS:
        raise jwt.InvalidTokenError(f"exp: at most {LONGEST_HOURS} hours ahead")
    customer = claims["sub"]
    is_too_long = len(customer or "") > LONGEST_CUSTOMER_ID
    if not customer or is_too_long or clean_line(customer) != customer or not customer.isprintable():
        # Cut or cleaned, two ids could become one.
        raise jwt.InvalidTokenError(f"sub: from 1 to {LONGEST_CUSTOMER_ID} characters that can be seen")
    name, email = (claims.get(key) if isinstance(claims.get(key), str) else "" for key in ("name", "email"))
    return VerifiedPerson(customer, clean_line(name)[:LONGEST_CUSTOMER_NAME] or None, check_email(clean_line(email)))


def read_keys(settings: Settings, site_key: str) -> dict[str, str]:
    """The site's secrets by `kid`: the file's, and those of the environment, whose names are their kids."""
    site = settings.sites.get(site_key)
    names = site.identity.secrets_env if site else ()
    told = {name: os.environ.get(name, "") for name in names}
    told = {name: secret for name, secret in told.items() if len(secret) >= LEAST_CHARACTERS}
    return {**_read_file(key_file(settings, site_key)), **told}


def check_keys(settings: Settings, environment: Mapping[str, str] | None = None) -> None:
    """Raises BadSetting at the start for a secret that is missing or too short."""
    environment = os.environ if environment is None else environment
    for key, site in settings.sites.items():
        for name in site.identity.secrets_env:
            if len(environment.get(name, "")) < LEAST_CHARACTERS:
                raise BadSetting(
                    f"sites.{key}.identity.secrets_env: {name} in the environment must have a secret of at least "
                    f"{LEAST_CHARACTERS} characters"
                )
        _read_file(key_file(settings, key))


def key_file(settings: Settings, site_key: str) -> Path:
    """Where a site's secrets are, one a line, the newest first: kid, space, secret."""
    return settings.var / "secrets" / f"identity-{site_key}"


def make_secret(settings: Settings, site_key: str) -> tuple[str, str]:
    """A new secret beside the older ones, and its kid."""
    kid, secret = f"{time.strftime('%Y-%m')}-{secrets.token_hex(2)}", secrets.token_urlsafe(48)
    path = key_file(settings, site_key)
    older = _read_file(path)
    if len(older) >= MOST_KEYS:
        raise BadSetting(f"site {site_key!r} has {MOST_KEYS} secrets; retire one first")
    _write_file(path, {kid: secret, **older})
    return kid, secret


def retire_secret(settings: Settings, site_key: str, kid: str) -> bool:
    """Takes a secret away; False: there is none of that kid in the data folder."""
    path = key_file(settings, site_key)
    keys = _read_file(path)
    if keys.pop(kid, None) is None:
        return False
    _write_file(path, keys)
    return True


def _read_file(path: Path) -> dict[str, str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSetting(f"{path} can't be read ({error.strerror}); it has to be Odziv's own file") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path} is damaged: it is no text; put it back from your backup") from error
    found = [KEY_LINE.fullmatch(line) for line in lines]
    if not all(match and len(match[2]) >= LEAST_CHARACTERS for match in found):
        raise BadSetting(f"{path}: each line is a key's name, a space, and {LEAST_CHARACTERS} characters or more")
    return {match[1]: match[2] for match in found if match}


def _write_file(path: Path, keys: dict[str, str]) -> None:
    """For its owner's eyes only; whoever reads at the same moment sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{kid} {secret}\n" for kid, secret in keys.items())
    draft.replace(path)


def _refusal(reason: str) -> ApiError:
    return ApiError(403, "identity_refused", f"identity: {reason}")
