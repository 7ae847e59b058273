"""The narrow queue row: what routing, clocks and lists read. The heavy handoff lies apart (`handoffs`)."""

from decimal import Decimal

import uuid_utils.compat
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from escalations.models.case_queries import AT_RISK_DURING, CALL_ORDER, FACETS, LATE_FROM, EscalationQuerySet
from escalations.models.choices import (
    OPEN_STATES,
    Clock,
    Delivery,
    Kind,
    OnExpiry,
    Priority,
    Reason,
    State,
    WaitingFor,
)
from escalations.models.people import Operator

# Added to the rank of a case that cannot be decided before it expires: behind all that can.
INFEASIBLE = 2**40


def new_id() -> "uuid_utils.compat.UUID":
    """A time-ordered UUIDv7, so that new rows land at one end of each index."""
    return uuid_utils.compat.uuid7()


class Escalation(models.Model):
    """One case: what routing, clocks and lists need, and no more. Only `transitions` writes `state`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The indexes below cover these keys; one more for each would only slow intake.
    agent = models.ForeignKey(
        "escalations.Agent", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    agent_version = models.ForeignKey(
        "escalations.AgentVersion", on_delete=models.PROTECT, related_name="cases"
    )
    policy = models.ForeignKey(
        "escalations.Policy", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    queue = models.ForeignKey(
        "escalations.Queue", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="children", db_index=False
    )

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=20, choices=Reason)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    category = models.CharField(max_length=60, blank=True)
    headline = models.CharField(max_length=300)
    conversation_id = models.CharField(max_length=200, blank=True)
    run_id = models.CharField(max_length=200, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list)
    # Wanted, but given up when nobody with them is free for a while.
    preferred_skills = ArrayField(
        models.CharField(max_length=40), default=list, db_default=Value([], ArrayField(models.CharField()))
    )
    # How much of a person's capacity it takes.
    weight = models.PositiveSmallIntegerField(default=1, db_default=1)

    confidence = models.FloatField(null=True)
    confidence_source = models.CharField(max_length=12, blank=True)
    confidence_threshold = models.FloatField(null=True)
    turns = models.PositiveIntegerField(null=True)
    context_tokens = models.PositiveIntegerField(null=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    run_seconds = models.FloatField(null=True)
    retries = models.PositiveIntegerField(null=True)

    version = models.PositiveIntegerField(default=1)
    cycle = models.PositiveSmallIntegerField(default=1)
    rank = models.BigIntegerField()
    # When it will have waited long enough for the next class; none in the first.
    ages_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    pickup_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # The three that follow are kept by a trigger (migration 0017). When the clock that runs out next does so:
    # that of the pickup, of the answer to the user, or of the resolution (`next_clock`).
    next_due_at = models.DateTimeField(null=True, editable=False)
    # When under a fifth of its business time is left: of the resolution, and of the pickup until that.
    at_risk_at = models.DateTimeField(null=True, editable=False)
    # The first claim of this cycle; `first_claimed_at` is that of the first one.
    picked_up_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    on_expiry = models.CharField(max_length=8, choices=OnExpiry, default=OnExpiry.FAIL)
    first_claimed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Nothing is left of what was said in it.
    erased_at = models.DateTimeField(null=True, editable=False)
    # Business time that the clocks of this cycle stood still.
    waited_seconds = models.FloatField(default=0)
    # Time by the calendar, closed hours included, that it waited for replies in all cycles.
    waited_calendar_seconds = models.FloatField(default=0, db_default=0, editable=False)
    # When the clocks of this cycle started, and since when they are paused.
    clock_started_at = models.DateTimeField(db_default=Now())
    paused_at = models.DateTimeField(null=True)
    # The user's last turn must be answered by then.
    response_due_at = models.DateTimeField(null=True)

    # Members of this queue may take it, too.
    overflow_queue = models.ForeignKey(
        "escalations.Queue", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # Until then only this person is offered it.
    affinity = models.ForeignKey(
        Operator, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    affinity_until = models.DateTimeField(null=True)
    waiting_for = models.CharField(max_length=5, choices=WaitingFor, default="", db_default="", blank=True)
    reply_due_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    user_typing_until = models.DateTimeField(null=True)
    # Before this moment a decision can be undone, and the agent does not see it.
    dispatch_at = models.DateTimeField(null=True)

    holder = models.ForeignKey(
        Operator, on_delete=models.PROTECT, null=True, related_name="held_cases", db_index=False
    )
    lease_token = models.BigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)

    delivery = models.CharField(max_length=12, choices=Delivery, default=Delivery.NONE, blank=True)
    delivered_at = models.DateTimeField(null=True)

    is_held: bool  # only after `with_liveness()`
    # Of a case that a page shows: what is usual for its agent to cost, and what labels mean by now.
    usual_cost_usd: Decimal | None = None
    taxonomy_id: int | None = None
    is_looked_at_again = False  # by somebody who shall not know what others made of it
    user_is_typing: bool  # likewise
    is_withheld: bool  # only after `with_dispatch()`

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="escalation_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="escalation_claimed_has_holder",
                condition=Q(state=State.CLAIMED, holder__isnull=False, lease_expires_at__isnull=False)
                | (~Q(state=State.CLAIMED) & Q(holder__isnull=True, lease_expires_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="escalation_closed_has_time",
                condition=Q(state__in=OPEN_STATES, closed_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="escalation_snoozed_has_an_end",
                condition=Q(state=State.SNOOZED, snoozed_until__isnull=False)
                | (~Q(state=State.SNOOZED) & Q(snoozed_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="escalation_waiting_has_paused",
                condition=Q(state=State.WAITING, paused_at__isnull=False, waiting_for__in=["agent", "user"])
                | (~Q(state=State.WAITING) & Q(paused_at__isnull=True, waiting_for="")),
            ),
            models.CheckConstraint(name="escalation_weighs_something", condition=Q(weight__gt=0)),
            models.CheckConstraint(
                name="escalation_confidence_is_a_share",
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=1),
            ),
            models.CheckConstraint(
                name="escalation_priority_is_known", condition=Q(priority__in=Priority.values)
            ),
        ]
        indexes = [
            # The order of work, over all that is open: claims take from its front, lists show it.
            models.Index(*CALL_ORDER, name="escalation_call_order", condition=Q(state__in=OPEN_STATES)),
            models.Index(
                fields=["queue", *CALL_ORDER],
                name="escalation_open_by_queue",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(
                fields=["ages_at"],
                name="escalation_ageing",
                condition=Q(state__in=OPEN_STATES, ages_at__isnull=False),
            ),
            models.Index(
                fields=["lease_expires_at"], name="escalation_leases", condition=Q(state=State.CLAIMED)
            ),
            models.Index(
                fields=["expires_at"],
                name="escalation_hard_limits",
                condition=Q(state__in=OPEN_STATES, expires_at__isnull=False),
            ),
            models.Index(
                fields=["snoozed_until"], name="escalation_snoozed", condition=Q(state=State.SNOOZED)
            ),
            models.Index(
                fields=["affinity"],
                name="escalation_put_aside",
                condition=Q(state__in=[State.WAITING, State.SNOOZED]),
            ),
            models.Index(
                fields=["reply_due_at"], name="escalation_replies_due", condition=Q(state=State.WAITING)
            ),
            models.Index(fields=["holder"], name="escalation_held", condition=Q(state=State.CLAIMED)),
            # Few cases are kept for a person, and few overflow.
            models.Index(
                fields=["affinity"],
                name="escalation_kept",
                condition=Q(state=State.QUEUED, affinity__isnull=False),
            ),
            models.Index(
                fields=["overflow_queue"],
                name="escalation_overflowing",
                condition=Q(state__in=OPEN_STATES, overflow_queue__isnull=False),
            ),
            models.Index(LATE_FROM, name="escalation_next_late", condition=Q(state__in=OPEN_STATES)),
            GistIndex(AT_RISK_DURING, name="escalation_next_at_risk", condition=Q(state__in=OPEN_STATES)),
            # Written at once: what waits in GIN's list of pending entries is read with every question.
            GinIndex(FACETS, name="escalation_facets", condition=Q(state__in=OPEN_STATES), fastupdate=False),
            models.Index(fields=["parent"], name="escalation_children", condition=Q(parent__isnull=False)),
            models.Index(fields=["received_at"], name="escalation_received"),
            models.Index(
                fields=["first_claimed_at"],
                name="escalation_picked_up",
                condition=Q(first_claimed_at__isnull=False),
            ),
            models.Index(
                fields=["closed_at"], name="escalation_closed", condition=Q(closed_at__isnull=False)
            ),
            models.Index(fields=["agent", "-received_at", "-id"], name="escalation_agent_latest"),
            models.Index(fields=["agent", "conversation_id"], name="escalation_conversation"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_aside(self) -> bool:
        """Whether it waits for a reply, or for a time."""
        return self.state in (State.WAITING, State.SNOOZED)

    @property
    def is_blind(self) -> bool:
        """Whether who judges must not be led: by how sure the agent was, or by what rules make of the record.

        In an audit, which shall find out; and wherever somebody looks a second time.
        """
        return self.kind == Kind.REVIEW or self.is_looked_at_again

    @property
    def next_clock(self) -> Clock:
        """The clock that runs out next, at `next_due_at`."""
        if self.next_due_at in (None, self.due_at):
            return Clock.RESOLUTION
        return Clock.RESPONSE if self.next_due_at == self.response_due_at else Clock.PICKUP

    @property
    def is_raised(self) -> bool:
        """Whether waiting has put it before others of its priority."""
        return self.rank % INFEASIBLE < self.priority

    @property
    def is_infeasible(self) -> bool:
        """Whether it was put last, because nobody could decide it before it expires."""
        return self.rank >= INFEASIBLE
