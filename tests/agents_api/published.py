"""The operations of the agents' API as they are published, so that tests cover new ones by themselves."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse

from agents_api.management.commands.export_openapi import document
from tests.agents_api.conftest import Caller

JSON = "application/json"
# Parts of addresses that are not the id of a case.
_OTHER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Operation:
    """One operation; `example` is the body that the document shows, None where there is no body."""

    path: str
    method: str
    statuses: frozenset[int]
    example: Any
    auth: str
    scope: str
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_about_a_case(self) -> bool:
        return "{handoff_id}" in self.path

    def body(self, caller: Caller) -> Any:
        """The example as the agent of `caller` would send it."""
        return _named(self.example, caller.agent.name)

    def ask(
        self,
        caller: Caller,
        *,
        case_id: object = "",
        body: Any = None,
        query: str = "",
        media_type: str = JSON,
        **headers: str | None,
    ) -> HttpResponse:
        """Send it: the example unless there is another `body`, bytes as they are, and never wait."""
        if body is None and self.example is not None:
            body = self.body(caller)
        sent = {
            "Authorization": f"Bearer {caller.key_for(self.auth)}",
            "Idempotency-Key": str(uuid4()),
        } | headers
        if self.path.endswith("/wait") and not query:
            query = "?timeout=0"
        return caller.client.generic(
            self.method,
            _OTHER.sub("example", self.path.replace("{handoff_id}", str(case_id))) + query,
            body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b"",
            content_type=media_type if body is not None else "",
            headers={name: value for name, value in sent.items() if value is not None},
        )


def operations() -> list[Operation]:
    """All that need a key."""
    return [
        Operation(
            path,
            method.upper(),
            frozenset(map(int, one["responses"])),
            _example(one),
            *_key_for(one["security"]),
            query=_named_in("query", one),
            headers=_named_in("header", one),
        )
        for path, item in json.loads(document())["paths"].items()
        for method, one in item.items()
        if one.get("security")
    ]


def _key_for(security: list[dict[str, list[str]]]) -> tuple[str, str]:
    """The kind of auth, and the scope."""
    [(kind, [scope])] = security[0].items()
    return kind, scope


def _named_in(place: str, operation: dict[str, Any]) -> tuple[str, ...]:
    return tuple(each["name"] for each in operation.get("parameters", []) if each["in"] == place)


def _example(operation: dict[str, Any]) -> Any:
    body = operation.get("requestBody")
    return body["content"][JSON]["example"] if body else None


def _named(value: Any, name: str) -> Any:
    """The example with the name of the agent that calls wherever an agent is named."""
    if isinstance(value, list):
        return [_named(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    named = {key: _named(item, name) for key, item in value.items()}
    if isinstance(value.get("agent"), dict) and "name" in value["agent"]:
        named["agent"] = value["agent"] | {"name": name}
    return named
