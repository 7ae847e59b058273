"""What agents report of their own work: finished runs, and the checks of single steps."""

from django.conf import settings
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
        ]

    def __str__(self) -> str:
        return self.run_id


class CheckpointSchema(models.Model):
    """What the output of a step must look like. Numbered and immutable: a change is a new number.

    `schema` is a JSON Schema of draft 2020-12. Without `agent_version` it holds for each version that has
    none of its own for the step. Data older than `max_age_seconds` counts as stale.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="checkpoint_schemas")
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.CASCADE, related_name="checkpoint_schemas", null=True, blank=True
    )
    step = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    schema = models.JSONField()
    max_age_seconds = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["agent", "step", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "step", "number"], name="checkpoint_numbers_are_unique_per_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.step} {self.number}"


class Checkpoint(models.Model):
    """One check of one step's output: what it was held against, and how it went; never the output itself."""

    id = models.BigAutoField(primary_key=True)
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.CASCADE, related_name="checkpoints", db_index=False
    )
    schema = models.ForeignKey(
        CheckpointSchema, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    step = models.CharField(max_length=60)
    run_id = models.CharField(max_length=200, blank=True)
    passed = models.BooleanField()
    # One of `escalations.tool_faults`, or blank.
    fault = models.CharField(max_length=20, blank=True)
    case = models.ForeignKey(Escalation, on_delete=models.SET_NULL, null=True, related_name="checkpoints")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["agent_version", "created_at"], name="checkpoint_by_version_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.step} {'passed' if self.passed else 'failed'}"
