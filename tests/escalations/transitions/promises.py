"""What must hold after each move at a desk, by what the tables hold and what its callers were told.

Each answer that a case is open has one case; a resolution counts once per cycle; claims never overlap; what
is decided is delivered, on its way or visibly failed; each webhook is the same bytes every time; nobody holds
more than they can. That open pages equal fresh ones is in `tests.escalations.transitions.shown`.
"""

import json

from django.db.models import Count, OuterRef, Subquery, Window
from django.db.models.functions import Lag

from agents_api.models import DeliveryState, EventType, WebhookDelivery
from escalations.models import (
    Claim,
    Delivery,
    Escalation,
    Event,
    IdempotencyRecord,
    Operator,
    Resolution,
    Role,
    State,
)
from escalations.people import capacity
from tests.escalations.transitions.lives import CAPACITY, Desk


def check(desk: Desk) -> None:
    """Every promise, by what the tables hold."""
    rows = Escalation.objects.with_liveness().in_bulk()
    assert rows.keys() == desk.lives.keys()
    for case_id, life in desk.lives.items():
        row = rows[case_id]
        assert (row.state, row.cycle, row.is_held) == (life.state, life.cycle, life.is_live)
        assert row.turns_since.count() == life.turns
        if life.is_live:
            assert (row.holder, row.lease_token) == (life.leases[-1].operator, life.leases[-1].token)
    _what_was_posted_has_one_case(desk)
    _one_resolution_counts_per_case_and_cycle()
    _claims_on_a_case_never_overlap()
    _nobody_holds_more_than_they_can()
    _what_is_decided_is_on_its_way()
    _a_webhook_is_the_same_bytes_each_time(desk)
    _versions_of_a_case_only_grow()


def _what_was_posted_has_one_case(desk: Desk) -> None:
    """However often it was posted; what keeps the answer for the next time names the same case."""
    told = {posted.key: str(json.loads(posted.answer)["id"]) for posted in desk.posted}
    kept = dict(IdempotencyRecord.objects.filter(key__in=told).values_list("key", "case"))
    assert {key: str(case_id) for key, case_id in kept.items()} == told


def _one_resolution_counts_per_case_and_cycle() -> None:
    assert all(row["n"] == 1 for row in Resolution.objects.values("case", "cycle").annotate(n=Count("id")))
    decided = Resolution.objects.current().values_list("case_id", flat=True)
    assert set(decided) == set(Escalation.objects.filter(state=State.RESOLVED).values_list("id", flat=True))


def _claims_on_a_case_never_overlap() -> None:
    before = Window(Lag("ended_at"), partition_by="case_id", order_by="token")
    claims = Claim.objects.annotate(before=before).values_list("token", "before", "started_at")
    assert all(token == 1 or (ended and ended <= started) for token, ended, started in claims)


def _nobody_holds_more_than_they_can() -> None:
    for person in Operator.objects.filter(role=Role.OPERATOR):
        assert capacity.load(person).used <= CAPACITY


def _what_is_decided_is_on_its_way() -> None:
    sent = WebhookDelivery.objects.filter(event_type=EventType.RESOLVED)
    assert sent.count() == Resolution.objects.count()
    assert not sent.filter(state=DeliveryState.FAILED, last_error="").exists()
    last = sent.filter(case=OuterRef("pk")).order_by("-created_at").values("state")[:1]
    arrived = (
        Escalation.objects.filter(state=State.RESOLVED).alias(last=Subquery(last)).filter(last="delivered")
    )
    assert not arrived.filter(delivery=Delivery.UNDELIVERED).exists()


def _a_webhook_is_the_same_bytes_each_time(desk: Desk) -> None:
    for webhook, body in WebhookDelivery.objects.values_list("id", "body"):
        desk.saw(webhook, body)


def _versions_of_a_case_only_grow() -> None:
    before = Window(Lag("version"), partition_by="case_id", order_by="id")
    versions = Event.objects.annotate(before=before).values_list("before", "version")
    assert all(earlier is None or earlier <= later for earlier, later in versions)
