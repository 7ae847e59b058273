"""What an agent sees of a decision that can still be undone: nothing."""

import asyncio
import time
from datetime import timedelta
from functools import partial

import pytest
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery
from agents_api.waiting.long_polls import wait_for_change
from agents_api.webhooks import outbox
from escalations import transitions
from escalations.background import database_threads
from escalations.models import Escalation, Operator
from escalations.transitions import TooLate
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.factories import USER_ASKS, claim, decide, make_case, make_operator
from tests.threads import at_once
from tests.timing import comes_within


@pytest.fixture(autouse=True)
def _undo_window(settings):
    settings.UNDO_SECONDS = 5


@pytest.fixture
def withheld(caller, operator):
    """The address of a case that was decided a moment ago, at version 3."""
    address = caller.opened()
    decide(claim(Escalation.objects.get(), operator))
    return address


def let_the_window_end() -> None:
    Escalation.objects.update(dispatch_at=Now())


@pytest.mark.django_db(transaction=True)
def test_the_case_looks_as_it_did_before_the_decision(caller, withheld):
    seen = caller.get(withheld)

    case = seen.json()
    assert (case["state"], case["version"], case["delivery"], case["decision"]) == ("claimed", 2, None, None)
    assert seen.headers["ETag"] == 'W/"2"'
    assert caller.get(withheld, **{"If-None-Match": 'W/"2"'}).status_code == 304
    assert caller.get(withheld + "/wait?timeout=0&after_version=2").status_code == 204


def test_lists_show_it_as_claimed(caller, withheld):
    assert caller.get("/api/v1/handoffs").json()["items"][0]["state"] == "claimed"
    assert len(caller.get("/api/v1/handoffs?state=claimed").json()["items"]) == 1
    assert caller.get("/api/v1/handoffs?state=resolved").json()["items"] == []

    let_the_window_end()
    assert caller.get("/api/v1/handoffs").json()["items"][0]["version"] == 3
    assert len(caller.get("/api/v1/handoffs?state=resolved").json()["items"]) == 1


@pytest.mark.parametrize(
    ("move", "body"),
    [("messages", {"messages": [USER_ASKS]}), ("cancel", {}), ("ack", {"outcome": "applied"})],
)
def test_a_move_of_the_agent_is_told_to_come_back(caller, withheld, move, body):
    answer = caller.post(f"{withheld}/{move}", body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "5")
    assert answer.json()["title"] == "A decision is on its way"


def test_after_the_window_the_decision_is_there(caller, withheld):
    let_the_window_end()

    case = caller.get(withheld).json()
    assert (case["state"], case["version"], case["delivery"]) == ("resolved", 3, "delivered")


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_never_seen(caller, withheld, operator):
    transitions.undo(resolution_id=Escalation.objects.get().resolutions.get().id, operator=operator)

    case = caller.get(withheld + "/wait?timeout=0&after_version=2").json()
    assert (case["state"], case["version"], case["decision"]) == ("claimed", 4, None)


def test_webhooks_wait_for_the_end_of_the_window_and_go_with_an_undo(caller, operator):
    make_endpoint("https://one.example/")
    caller.opened()
    resolution = decide(claim(Escalation.objects.get(), operator))

    assert WebhookDelivery.objects.get().next_attempt_at == Escalation.objects.get().dispatch_at
    assert outbox.claim(limit=10, share=10) == []
    transitions.undo(resolution_id=resolution.id, operator=operator)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_at_the_end_of_the_window_a_webhook_goes_out_or_the_undo_won():
    make_endpoint("https://one.example/")
    outcomes = set()
    for number in range(200):
        if number >= 20 and len(outcomes) == 2:
            break
        case = make_case()
        resolution = decide(claim(case, make_operator()))
        # The window ends while both are at it, a little later each time.
        end = Now() + timedelta(milliseconds=5 * number)
        Escalation.objects.filter(id=case.id).update(dispatch_at=end)
        WebhookDelivery.objects.filter(case=case).update(next_attempt_at=end)

        def deliver(case=case):
            while Escalation.objects.filter(id=case.id, state="resolved").exists():
                if outbox.claim(limit=10, share=10):
                    return True
            return False

        undone, sent = at_once(
            [
                partial(transitions.undo, resolution_id=resolution.id, operator=resolution.operator),
                deliver,
            ]
        )

        assert not isinstance(undone, Exception) or isinstance(undone, TooLate)
        assert isinstance(undone, TooLate) == sent
        outcomes.add(sent)
    assert outcomes == {True, False}


def undo(operator: Operator) -> None:
    resolution = Escalation.objects.get().resolutions.current().get()
    transitions.undo(resolution_id=resolution.id, operator=operator)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hints", [True, False])
async def test_a_long_poll_wakes_by_itself_at_the_end_of_the_window(settings, valkey, hints):
    settings.UNDO_SECONDS = 2
    if not hints:
        valkey.stop()
    operator = await database_threads.run(make_operator)

    async def woken() -> float:
        case = await database_threads.run(make_case)
        lease = await database_threads.run(claim, case, operator)
        waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=2, timeout=30))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await database_threads.run(decide, lease)
        assert await waiter == 3
        took = time.monotonic() - started
        assert took > 1.9
        return took

    assert await comes_within(5, woken)


@pytest.mark.django_db(transaction=True)
async def test_a_long_poll_is_told_of_the_undo_and_not_of_the_decision():
    operator = await database_threads.run(make_operator)
    case = await database_threads.run(make_case)
    lease = await database_threads.run(claim, case, operator)
    waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=2, timeout=10))
    await asyncio.sleep(0.1)
    await database_threads.run(decide, lease)
    await database_threads.run(undo, operator)

    assert await waiter == 4
