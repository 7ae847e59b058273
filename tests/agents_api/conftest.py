"""An agent at the door, and the people who answer it."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from escalations.models import Agent, Operator
from tests.factories import handoff, make_agent, make_key, make_operator, make_report_key


@dataclass
class Caller:
    """An agent with its key, speaking HTTP."""

    agent: Agent
    key: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    # Of a program that is no agent; made when it is first needed.
    reports: str = ""

    def key_for(self, kind: str) -> str:
        """The key that an operation with this kind of auth takes."""
        if kind == "ApiKeyAuth":
            return self.key
        self.reports = self.reports or make_report_key()
        return self.reports

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.key}"} | headers)

    def post(self, path: str, document: Any, **headers: str | None) -> HttpResponse:
        """Post `document` (bytes as they are, anything else as JSON) under a new Idempotency-Key.

        A header that is None is left out.
        """
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())} | headers
        headers = {name: value for name, value in headers.items() if value is not None}
        return self.client.post(path, body, content_type="application/json", headers=headers)

    def hand_off(self, **overrides: Any) -> HttpResponse:
        return self.post("/api/v1/handoffs", handoff(self.agent, **overrides))

    def opened(self, **overrides: Any) -> str:
        """The address of a new case."""
        response = self.hand_off(**overrides)
        assert response.status_code == 201, response.content
        return f"/api/v1/handoffs/{response.json()['id']}"


@pytest.fixture
def caller(db: None) -> Caller:
    agent = make_agent()
    return Caller(agent, make_key(agent))


@pytest.fixture
def stranger(db: None) -> Caller:
    """Another agent."""
    agent = make_agent("billing")
    return Caller(agent, make_key(agent))


@pytest.fixture
def operator(caller: Caller) -> Operator:
    return make_operator()


def pointers(response: HttpResponse) -> list[str]:
    """Where a problem says the faults are."""
    assert response.headers["Content-Type"] == "application/problem+json"
    return [error["pointer"] for error in response.json()["errors"]]
