"""The outbox: one row per webhook to send, written in the transaction that made it true."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models import Agent, Escalation


class EventType(models.TextChoices):
    """What an endpoint may subscribe to (Standard Webhooks `type`)."""

    CLAIMED = "handoff.claimed", _("Claimed")
    MESSAGE = "handoff.message", _("Message")
    WAITING = "handoff.waiting", _("Waiting")
    RESOLVED = "handoff.resolved", _("Resolved")
    EXPIRED = "handoff.expired", _("Expired")
    REOPENED = "handoff.reopened", _("Reopened")


class DeskEvent(models.TextChoices):
    """What an endpoint of the desk itself, of no agent, may subscribe to."""

    ALERT_BEGAN = "alert.began", _("An alert began")
    ALERT_ENDED = "alert.ended", _("An alert is over")


# What an endpoint without a choice of its own is sent.
DECISIONS = (EventType.RESOLVED, EventType.EXPIRED)
# What a person sends to see whether webhooks arrive. Nobody subscribes to it.
TEST = "endpoint.test"


class TurnedOff(models.TextChoices):
    """Why the desk itself turned an endpoint off."""

    GONE = "gone", _("It answered that it is gone")
    FAILING = "failing", _("It failed for five days")


class WebhookEndpoint(models.Model):
    """Where an agent wants to be told; without an agent, whoever looks after the desk.

    `secret` is the `whsec_…` that signs each body. With `is_origin` the `url` is an origin, to which the
    callbacks of the agent's handoffs may go (`webhooks/callbacks.py`): it gets what each handoff asked for,
    at the address that the handoff names. The `old_secret` signs beside it until its time is over.
    `open_until` is set while the circuit breaker is open (`webhooks/breaker.py`); from then on one webhook,
    `probe`, may try. `recent` has a letter for each of the last attempts, `x` for a failure.
    """

    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="webhook_endpoints"
    )
    url = models.URLField(max_length=500)
    is_origin = models.BooleanField(default=False, db_default=False)
    secret = models.CharField(max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, default="", db_default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    events = models.JSONField(
        default=list, help_text="Event types to send; an empty list sends decisions only."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    failures = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    recent = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    openings = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    open_until = models.DateTimeField(null=True, editable=False)
    probe = models.UUIDField(null=True, editable=False)
    turned_off = models.CharField(
        max_length=10, choices=TurnedOff, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "url"], name="one_endpoint_per_agent_and_url"),
            models.UniqueConstraint(
                fields=["url"], condition=Q(agent=None), name="one_endpoint_of_the_desk_per_url"
            ),
            models.CheckConstraint(
                name="callback_origins_are_of_an_agent", condition=Q(is_origin=False) | ~Q(agent=None)
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def owner(self) -> str:
        """Whose it is, as notices call them."""
        return self.agent.name if self.agent else "Handrail"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class WebhookDelivery(models.Model):
    """One webhook. Every attempt sends the same bytes under the same `id`; `lease_token` is the fence.

    A callback has a `url` of its own, another webhook goes to its endpoint's. A test is about no case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    case = models.ForeignKey(
        Escalation, on_delete=models.CASCADE, null=True, related_name="webhook_deliveries"
    )
    event_type = models.CharField(
        max_length=20, choices=[*EventType.choices, *DeskEvent.choices, (TEST, _("Test"))]
    )
    url = models.CharField(max_length=2_000, blank=True, default="", db_default="")
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    lease_token = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                name="webhook_delivery_due",
                condition=Q(state="pending"),
            ),
            models.Index(fields=["created_at"], name="webhook_delivery_latest"),
            models.Index(
                fields=["endpoint", "-created_at"],
                name="webhook_delivery_tests",
                condition=Q(event_type=TEST),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.url or self.endpoint}"


class WebhookAttempt(models.Model):
    """A request for a webhook and how it ended. `number` is the claim's token; a lost claim leaves a gap."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    excerpt = models.CharField(max_length=1024, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_record_per_webhook_attempt")
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.status or self.error}"
