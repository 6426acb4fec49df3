"""The real application with a token, over articles and a bot of the tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import Agent
from odziv.store.agents.tokens import make_token
from tests.desk.conftest import (  # noqa: F401 (fixtures)
    add_agent,
    app,
    cheap_hashes,
    folder,
    hand_off,
    kb,
    waiting,
)

API = "/api/desk/v1"


@pytest.fixture
def client(app) -> FlaskClient:  # noqa: F811
    return app.test_client()


@dataclass
class Program:
    """Whoever calls with a token."""

    client: FlaskClient
    agent: Agent
    token: str
    token_id: int
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body=None, **more):
        headers = {"Authorization": f"Bearer {self.token}", **self.headers}
        return self.client.open(API + path, method=method, headers=headers, json=body, **more)

    def get(self, path: str, **more):
        return self.call("GET", path, **more)

    def post(self, path: str, body=None, **more):
        return self.call("POST", path, body, **more)


@pytest.fixture
def program(client, store):
    """Makes an account of that name and role, and a token for it."""

    def program(name: str, role: str = "agent", token_role: str | None = None) -> Program:
        agent = add_agent(store, name, "agent")
        change_role(store, agent.id, role)
        token_id, token = make_token(store, agent.id, f"{name}'s", token_role or role, days=None)
        return Program(client, agent, token, token_id)

    return program


@pytest.fixture
def ana(program) -> Program:
    return program("Ana Kovač")


@pytest.fixture
def marek(program) -> Program:
    return program("Marek Zieliński")


@pytest.fixture
def boss(program) -> Program:
    return program("Špela Novak", "admin")
