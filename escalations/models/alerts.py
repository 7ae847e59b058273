"""What calls for attention by itself: rules that an admin sets, and when each of them held."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from escalations.models.agents import Agent
from escalations.models.queues import Queue


class AlertKind(models.TextChoices):
    SERVICE_LEVEL = "service_level", _("Service level")
    OLDEST_CASE = "oldest_case", _("Oldest case")
    NO_ELIGIBLE = "no_eligible", _("Nobody there who may take a case")
    ESCALATION_RATE = "escalation_rate", _("Escalation rate off its baseline")
    CALIBRATION = "calibration", _("Calibration drift")
    OVERRIDE = "override", _("Override rate")
    FAILURE_SPIKE = "failure_spike", _("More of one failure mode")
    COST = "cost", _("Cost per resolved case")
    DELIVERY = "delivery", _("Webhooks that fail")
    AUDIT_BACKLOG = "audit_backlog", _("Audits left lying")


class AlertRule(models.Model):
    """When to call for attention, for a queue, an agent or all. `escalations.alerts.kinds` says of what.

    `value` and `n` are what the last look found; without facts enough there is no value.
    """

    kind = models.CharField(max_length=16, choices=AlertKind)
    queue = models.ForeignKey(
        Queue, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_rules"
    )
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="alert_rules"
    )
    threshold = models.FloatField()
    # Of how many hours the facts are; without meaning where what stands at a moment counts.
    hours = models.PositiveSmallIntegerField(default=1)
    cooldown_minutes = models.PositiveIntegerField(default=60)
    is_active = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True, editable=False)
    value = models.FloatField(null=True, editable=False)
    n = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["kind", "queue", "agent", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "queue", "agent"],
                nulls_distinct=False,
                name="one_alert_rule_per_kind_and_scope",
            ),
            models.CheckConstraint(
                name="alert_rule_looks_at_one_hour_or_more", condition=Q(hours__gte=1, hours__lte=720)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.scope_name})"

    @property
    def scope_name(self) -> str:
        """The queue and the agent by name, * for all."""
        return " · ".join(str(one) for one in (self.queue, self.agent) if one) or "*"


class Alert(models.Model):
    """A stretch of time in which a rule held: `value` as it began, `worst` the furthest beyond the limit.

    `worst_at` is when that was measured. `hours`, `queue` and `agent` are those of the rule as it began,
    which may be another by now. Older rows do not say these: without `hours` nobody knows.
    """

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts")
    threshold = models.FloatField()
    value = models.FloatField()
    worst = models.FloatField()
    worst_at = models.DateTimeField(null=True)
    n = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=100, blank=True)
    hours = models.PositiveSmallIntegerField(null=True)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(ended_at=None), name="a_rule_has_one_alert_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.began_at}"

    @property
    def rule_then(self) -> AlertRule:
        """The rule as it was when this began, as far as that is known. Not to be saved."""
        if self.hours is None:
            return self.rule
        return AlertRule(kind=self.rule.kind, hours=self.hours, queue=self.queue, agent=self.agent)
