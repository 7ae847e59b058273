"""Whatever stands anywhere in a body: the answer is documented, never our fault, and points at the place."""

import json
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from escalations.models import Escalation, Operator
from tests.agents_api.conftest import Caller
from tests.agents_api.published import Operation, operations
from tests.agents_api.strange import STRANGE
from tests.factories import claim, decide

pytestmark = pytest.mark.django_db

EXAMPLES = 60
ALL = operations()
TAKING = [one for one in ALL if one.example is not None]
IN_ADDRESSES = ("%00", "%ff", "%ED%A0%80", "9" * 5_000, "-1", "", "%5B%5D", "1e400", "a%0d%0ab")
IN_HEADERS = ("\xff", "x" * 9_000, "-1", "", "1:1:~9", '"', "0:0:")
_HERE = "here-4711"


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in a body, from the whole to its leaves."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from places(item, (*path, step))


def with_strange(body: Any, path: tuple[str | int, ...], strange: str | bytes) -> bytes:
    """The body with something else at that place."""
    text = json.dumps(_replaced(body, path)).encode()
    return text.replace(f'"{_HERE}"'.encode(), strange if isinstance(strange, bytes) else strange.encode())


def _replaced(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path:
        return _HERE
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:])
    return copy


@pytest.fixture
def case_ids(caller: Caller, operator: Operator) -> Iterator[str]:
    """An open case and a decided one, in turns."""
    ids = [caller.opened().rsplit("/", 1)[1] for _ in range(2)]
    decide(claim(Escalation.objects.get(id=ids[1]), operator))
    return cycle(ids)


@pytest.mark.parametrize("one", TAKING, ids=str)
def test_whatever_comes_is_answered_with_its_place(caller, case_ids, one):
    body = one.body(caller)

    @given(path=st.sampled_from(list(places(body))), what=st.sampled_from(list(STRANGE)))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(path: tuple[str | int, ...], what: str) -> None:
        sent = with_strange(body, path, STRANGE[what])
        check(one, path, one.ask(caller, case_id=next(case_ids), body=sent))

    send()


def check(one: Operation, path: tuple[str | int, ...], response: Any) -> None:
    assert response.status_code in one.statuses - {500, 503}, response.content[:500]
    if response.status_code < 400:
        return
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    if problem["type"].endswith("/not-json"):
        assert problem["detail"].startswith("The body is not JSON: ")
    if problem["type"].endswith(("/invalid-request", "/not-json")):
        place = "".join(f"/{step}" for step in path)
        around = "".join(f"/{step}" for step in path[:-1])  # some rules are about what stands beside it, too
        found = [error["pointer"] for error in problem["errors"]]
        assert any(at.startswith(around) or place.startswith(at) for at in found), (place, found)


@pytest.mark.django_db(transaction=True)
def test_whatever_stands_in_an_address_or_a_header_is_answered(caller, case_ids):
    for one in ALL:
        first = "timeout=0&" if one.path.endswith("/wait") else ""
        for name, what in product(one.query, IN_ADDRESSES):
            answer = one.ask(caller, case_id=next(case_ids), query=f"?{first}{name}={what}")
            assert answer.status_code in one.statuses - {500, 503}, (one, name, what, answer.content[:500])
        for name, what in product(one.headers, IN_HEADERS):
            answer = one.ask(caller, case_id=next(case_ids), **{name: what})
            assert answer.status_code in one.statuses - {500, 503}, (one, name, what, answer.content[:500])
