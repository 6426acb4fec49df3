"""The identity provider: where it is asked, what is sent there, and whether what comes back is really from it.

The authorization code flow with PKCE (RFC 7636), state and nonce. Addresses and keys are those that its discovery
document names; both are kept for an hour, and keys are read again for a token that was signed with another.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from odziv.desk.oidc.exchange import NotTrusted, ask
from odziv.settings.oidc import OidcSettings, is_safe_url

KEPT_SECONDS = 3600.0
LEEWAY_SECONDS = 120  # by which its clock and ours may differ
LONGEST_TOKEN = 64 * 1024
# Signatures with a key that only the provider has: neither none nor those with a secret that both know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")


@dataclass(frozen=True)
class Started:
    """What is kept, in the browser's signed session, of a sign-in that is under way."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Metadata:
    """What the provider's discovery document says."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    auth_methods: tuple[str, ...]
    tells_issuer: bool


class Provider:
    """One provider, as the settings name it; what it has told is kept for all threads of this process."""

    def __init__(
        self,
        settings: OidcSettings,
        secret: Callable[[], str],
        redirect_uri: str,
        moments: Callable[[], Collection[int]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`secret` gives what the provider knows us by, or raises ValueError: commands run where only the service may
        read it. `moments` gives what time it may be, in milliseconds since 1970."""
        self.settings, self.redirect_uri = settings, redirect_uri
        self._secret, self._moments, self._clock = secret, moments, clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def begin(self) -> tuple[str, Started]:
        """Where to send a browser, and what is to be kept until it comes back. Raises ProviderAway, NotTrusted."""
        started = Started(*(secrets.token_urlsafe(32) for _ in range(3)))
        url = prepare_grant_uri(
            self._metadata().authorization_endpoint,
            self.settings.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=" ".join(self.settings.scopes),
            state=started.state,
            nonce=started.nonce,
            code_challenge=create_s256_code_challenge(started.verifier),
            code_challenge_method="S256",
        )
        return url, started

    def redeem(self, code: str, started: Started, issuer: str | None) -> dict[str, Any]:
        """The claims of whoever the code stands for, all checked. Raises ProviderAway, NotTrusted.

        `issuer` is what the browser brought back as the provider's name (RFC 9207), if anything.
        """
        metadata = self._metadata()
        if issuer != self.settings.issuer and (issuer is not None or metadata.tells_issuer):
            raise NotTrusted("iss beside the code is another, or missing")
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self.redirect_uri, code_verifier=started.verifier
        )
        url, headers, body = self._prove_us(metadata).prepare("POST", metadata.token_endpoint, {}, body)
        answer = ask(url, form=body, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise NotTrusted("no id_token")
        access_token = answer.get("access_token")
        return self._check(token, started.nonce, access_token if isinstance(access_token, str) else None)

    def end_session_url(self, back_to: str) -> str | None:
        """Where a browser signs out of the provider too, if it has such a page. Raises ProviderAway, NotTrusted."""
        page = self._metadata().end_session_endpoint
        if page is None:
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        return str(add_params_to_uri(page, list(asked.items())))

    def _prove_us(self, metadata: Metadata) -> ClientAuth:
        try:
            secret = self._secret()
        except ValueError as error:
            raise NotTrusted(str(error)) from error
        if not secret:
            return ClientAuth(self.settings.client_id, None, "none")
        if "client_secret_post" in metadata.auth_methods:
            return ClientAuth(self.settings.client_id, secret, "client_secret_post")
        encoded = quote(self.settings.client_id, safe=""), quote(secret, safe="")  # RFC 6749, 2.3.1
        return ClientAuth(*encoded, "client_secret_basic")

    def _check(self, token: str, nonce: str, access_token: str | None) -> dict[str, Any]:
        """What a token says, once its signature, issuer, audience, times and nonce are right."""
        try:
            found = self._verify(token)
            claims = CodeIDToken(
                found.claims,
                found.header,
                {"iss": {"value": self.settings.issuer}, "aud": {"value": self.settings.client_id}},
                {"nonce": nonce, "client_id": self.settings.client_id, "access_token": access_token},
            )
            self._check_times(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # Beside their own errors, the libraries stumble over claims of the wrong kind.
            raise NotTrusted(f"id_token: {error}") from error
        return dict(claims)

    def _verify(self, token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(token, self._keys(), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):  # the provider may have changed its keys
            self._forget("keys")
            return jwt.decode(token, self._keys(), registry=registry)

    def _check_times(self, claims: CodeIDToken) -> None:
        """By our clock or, while that follows a jump, by the machine's."""
        *others, last = (moment // 1000 for moment in self._moments())
        for now in others:
            try:
                return claims.validate(now=now, leeway=LEEWAY_SECONDS)
            except JoseError:
                continue
        claims.validate(now=last, leeway=LEEWAY_SECONDS)

    def _keys(self) -> KeySet:
        found: KeySet = self._keep("keys", lambda: read_keys(ask(self._metadata().jwks_uri)))
        return found

    def _metadata(self) -> Metadata:
        url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found: Metadata = self._keep("metadata", lambda: read_metadata(ask(url), self.settings.issuer))
        return found

    def _keep(self, name: str, fetch: Callable[[], Any]) -> Any:
        """What is kept under a name, fetched where it isn't there or is an hour old. Threads don't wait for another."""
        with self._lock:
            until, value = self._kept.get(name, (0.0, None))
        if value is not None and self._clock() < until:
            return value
        value = fetch()
        with self._lock:
            self._kept[name] = (self._clock() + KEPT_SECONDS, value)
        return value

    def _forget(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)


def read_keys(document: dict[str, Any]) -> KeySet:
    """The provider's public keys. Raises NotTrusted where there are none."""
    try:
        found = KeySet.import_key_set(document)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotTrusted("no keys") from error
    if not found.keys:
        raise NotTrusted("no keys")
    return found


def read_metadata(document: dict[str, Any], issuer: str) -> Metadata:
    """What is needed of a discovery document. Raises NotTrusted where it is another's, or names unsafe addresses."""
    if document.get("issuer") != issuer:
        raise NotTrusted("the discovery document names another issuer")
    ends = document.get("end_session_endpoint")
    methods = document.get("token_endpoint_auth_methods_supported")
    return Metadata(
        authorization_endpoint=_read_endpoint(document.get("authorization_endpoint"), issuer),
        token_endpoint=_read_endpoint(document.get("token_endpoint"), issuer),
        jwks_uri=_read_endpoint(document.get("jwks_uri"), issuer),
        end_session_endpoint=None if ends is None else _read_endpoint(ends, issuer),
        auth_methods=tuple(map(str, methods)) if isinstance(methods, list) else (),
        tells_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _read_endpoint(url: Any, issuer: str) -> str:
    """The address, if it is a safe one; that of an issuer elsewhere must not lead to this machine without https."""
    if not isinstance(url, str) or not is_safe_url(url) or (issuer.startswith("https:") and url[:6] != "https:"):
        raise NotTrusted("the discovery document has an endpoint without https, or lacks one")
    return url
