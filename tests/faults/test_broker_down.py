"""Valkey and Celery only make things sooner: without them the desk works on, and what was late drains."""

import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from agents_api.models import WebhookDelivery
from config.supervisor.valkey import Valkey
from escalations.models import Delivery, Escalation
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.agents_api.webhooks.receiver import Receiver
from tests.factories import claim, decide, handoff, make_agent, make_key, make_operator
from tests.servers import Server, wait_until
from tests.timing import is_within

Answer = TypeVar("Answer")
Outage = Callable[[Valkey], AbstractContextManager[None]]
# What the loss of the broker may cost a request at most, on a machine that is busy with tests.
BOUND = 2.0
# What a wait may take besides: nobody hints at what is new.
TICK = 1.5


@pytest.fixture(autouse=True)
def _private_receivers_allowed(program_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(program_environment, "WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES", "true")


@pytest.fixture
def receiver(transactional_db: None) -> Iterator[Receiver]:
    with Receiver() as receiver:
        make_endpoint(receiver.url)
        yield receiver


@contextmanager
def stopped(valkey: Valkey) -> Iterator[None]:
    valkey.stop()
    yield
    valkey.start()


@contextmanager
def frozen(valkey: Valkey) -> Iterator[None]:
    valkey.process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        valkey.process.signal(signal.SIGCONT)


class Watch:
    """Notes how long each of a few acts took."""

    def __init__(self) -> None:
        self.took: list[float] = []

    def see(self, act: Callable[[], Answer]) -> Answer:
        """What `act` gives."""
        started = time.monotonic()
        answer = act()
        self.took.append(time.monotonic() - started)
        return answer


def ask(server: Server, path: str, key: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
    }
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{server.url}/api/v1{path}", data, headers)
    with urllib.request.urlopen(request, timeout=40) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def work_one_case(server: Server) -> tuple[UUID, float]:
    """A case from handoff to decision, with an agent that waits for it all the time; its longest step."""
    agent, operator, watch = make_agent(), make_operator(), Watch()
    key = make_key(agent)
    opened = watch.see(lambda: ask(server, "/handoffs", key, handoff(agent)))
    case_id = UUID(opened["id"])
    with ThreadPoolExecutor(1) as pool:
        waiter = pool.submit(ask, server, f"/handoffs/{case_id}/wait?timeout=30&after_version=2", key)
        lease = watch.see(lambda: claim(case_id, operator))
        watch.see(lambda: decide(lease))
        decided = time.monotonic()
        assert waiter.result(timeout=40)["decision"]["decision"] == "approve"
        told = time.monotonic() - decided
    return case_id, max(*watch.took, told - TICK)


@pytest.mark.parametrize("outage", [stopped, frozen])
def test_without_broker_and_workers_the_desk_works_on(
    live_server: Server, valkey: Valkey, receiver: Receiver, outage: Outage
):
    ask(live_server, "/handoffs", make_key(make_agent()))  # the first request of a server is slow by itself
    decided: set[UUID] = set()

    def longest_step() -> float:
        with outage(valkey):
            worked = [work_one_case(live_server) for _ in range(3)]
        decided.update(case_id for case_id, _ in worked)
        return max(took for _, took in worked)

    assert is_within(BOUND, longest_step)
    assert set(WebhookDelivery.objects.filter(state="pending").values_list("case_id", flat=True)) == decided
    assert receiver.received == []


def test_what_was_late_drains_by_itself(
    live_server: Server, valkey: Valkey, receiver: Receiver, request: pytest.FixtureRequest
):
    with stopped(valkey):
        worked = [work_one_case(live_server)]
    programs = [request.getfixturevalue(f"celery_{name}_process") for name in ("beat", "worker")]
    wait_until(lambda: len(receiver.received) == 1, seconds=40, what="workers that start later deliver")

    with stopped(valkey):
        worked.append(work_one_case(live_server))
    wait_until(lambda: len(receiver.received) == 2, seconds=60, what="workers go on after an outage")

    worked.append(work_one_case(live_server))
    wait_until(lambda: len(receiver.received) == 3, seconds=40, what="deliveries are as usual again")
    assert min(took for _, took in worked) < BOUND
    decided = [case_id for case_id, _ in worked]
    assert [UUID(json.loads(one.body)["data"]["handoff_id"]) for one in receiver.received] == decided
    wait_until(lambda: not WebhookDelivery.objects.exclude(state="delivered").exists(), what="all is settled")
    assert set(Escalation.objects.values_list("delivery", flat=True)) == {Delivery.DELIVERED}
    assert all(program.running() for program in programs)
