"""What the output of a step must look like, and what was found when it was looked at."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.models.agents import Agent, AgentVersion
from escalations.models.cases import Escalation, new_id
from escalations.models.choices import Fault

STEP_MAX = 60


class CheckpointSchema(models.Model):
    """A numbered, immutable JSON Schema for a step of an agent, whatever its version; the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="checkpoint_schemas", db_index=False
    )
    step = models.CharField(max_length=STEP_MAX)
    number = models.PositiveIntegerField()
    schema = models.JSONField()
    # Of the canonical text: tells whether what comes is something new.
    sha256 = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["agent", "step", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "step", "number"], name="schemas_of_a_step_are_numbered_apart"
            ),
        ]
        indexes = [models.Index(fields=["agent", "created_at", "id"], name="checkpoint_schemas_by_time")]

    def __str__(self) -> str:
        return f"{self.agent.name} {self.step} {self.number}"


class Checkpoint(models.Model):
    """One look at the output of a step. `case` is the one that it opened, if it did.

    `errors` are kept where it failed, a few of them and without the values that were wrong.
    """

    id = models.BigAutoField(primary_key=True)
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.PROTECT, related_name="checkpoints", db_index=False
    )
    schema = models.ForeignKey(
        CheckpointSchema, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    step = models.CharField(max_length=STEP_MAX)
    fault = models.CharField(max_length=20, choices=Fault.choices)
    passed = models.BooleanField()
    errors = models.JSONField(default=list)
    tool = models.CharField(max_length=200, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    run_id = models.CharField(max_length=200, blank=True)
    conversation_id = models.CharField(max_length=200, blank=True)
    case = models.OneToOneField(Escalation, on_delete=models.SET_NULL, null=True, related_name="checkpoint")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_checkpoint_passed_or_names_its_fault",
                condition=Q(passed=True, fault=Fault.OK) | (Q(passed=False) & ~Q(fault=Fault.OK)),
            ),
        ]
        indexes = [models.Index(fields=["created_at", "agent_version"], name="checkpoints_by_time")]

    def __str__(self) -> str:
        return f"{self.step} {self.fault}"
