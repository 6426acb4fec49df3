"""A provider that runs, and the desk with one."""

from __future__ import annotations

import pytest

from odziv.settings.oidc import OIDC_SECRET, OidcSettings
from tests.desk.conftest import build_app
from tests.desk.oidc.oidc_provider import TestProvider, running_provider

ANA = {"email": "ana@smreka.example", "email_verified": True, "name": "Ana Kovač", "groups": ["support"]}


@pytest.fixture(scope="session")
def running():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: TestProvider) -> TestProvider:
    """The provider, which knows Ana, and bends nothing."""
    running.straighten()
    running.add_user("u-ana", **ANA)
    return running


@pytest.fixture
def desk(store, settings, provider, monkeypatch):
    """Makes the application with these settings of `oidc`."""
    monkeypatch.setenv(OIDC_SECRET, "sm:reka +€")

    def build(public_url: str = "", **oidc: object):
        desk = settings.desk.model_copy(update={"require_two_factor": oidc.pop("require_two_factor", "none")})
        values = {"issuer": provider.issuer, "client_id": "odziv", "name": "Smreka ID", **oidc}
        told = {"oidc": OidcSettings.model_validate(values), "desk": desk, "public_url": public_url}
        return build_app(store, settings.model_copy(update=told))

    return build
