"""The runs that agents finished by themselves."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.models.agents import Agent, AgentVersion
from escalations.models.cases import Escalation, new_id


class Run(models.Model):
    """A finished run that was not escalated. Errors of confident runs are only ever found among these.

    `drawn` says whether it is in the audit sample, `sampling_probability` the rate it was drawn at: without
    both the sample says nothing about the rest. `case` is the audit, once the full state has been posted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="runs", db_index=False)
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    run_id = models.CharField(max_length=200)
    conversation_id = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=60, blank=True)
    confidence = models.FloatField(null=True)
    confidence_source = models.CharField(max_length=12, blank=True)
    turns = models.PositiveIntegerField(null=True)
    context_tokens = models.PositiveIntegerField(null=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    seconds = models.FloatField(null=True)
    retries = models.PositiveIntegerField(null=True)
    tool_errors = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    sampling_probability = models.FloatField()
    drawn = models.BooleanField()
    case = models.OneToOneField(Escalation, on_delete=models.SET_NULL, null=True, related_name="audited_run")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "run_id"], name="a_run_is_reported_once"),
            models.CheckConstraint(
                name="run_is_drawn_with_a_probability",
                condition=Q(sampling_probability__gte=0, sampling_probability__lte=1),
            ),
        ]
        indexes = [
            models.Index(fields=["agent_version", "finished_at"], name="run_by_version_and_time"),
            models.Index(
                fields=["agent", "received_at"],
                name="run_waits_for_audit",
                condition=Q(drawn=True, case=None),
            ),
            models.Index(
                fields=["agent_version", "confidence_source", "finished_at"],
                name="run_drawn_by_version",
                condition=Q(drawn=True),
            ),
        ]

    def __str__(self) -> str:
        return self.run_id


class UsualCost(models.Model):
    """What the runs and cases of an agent cost of late: all but the dearest 5% cost at most `p95_usd`.

    A sweep counts it; without a row too few are known.
    """

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="usual_cost")
    p95_usd = models.DecimalField(max_digits=14, decimal_places=6)
    counted = models.PositiveIntegerField()
    updated_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.p95_usd}"
