"""What must never be lost or said twice: events, answers kept for retries, audit entries, timers."""

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from escalations.models.agents import Agent
from escalations.models.cases import Escalation


class CurrentTransaction(Func):
    """The id of the writing transaction, by which readers tell what may still commit before it."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """One line of the log that live pages, long-polls and webhooks are fed from; see `escalations.events`."""

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    actor = models.CharField(max_length=80)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["xid", "id"], name="event_log_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class IdempotencyRecord(models.Model):
    """The answer that a retry of the same request gets. Scoped to the agent, so that keys can rotate."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    answer = models.TextField()
    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "key"], name="one_answer_per_idempotency_key")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key


class AuditEntry(models.Model):
    """Who did what to which row. Ids, never content; a trigger refuses to change or delete it."""

    id = models.BigAutoField(primary_key=True)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=80)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["target", "id"], name="audit_by_target"),
            models.Index(fields=["actor", "id"], name="audit_by_actor"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["request_id"], name="audit_by_request", condition=~Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"


class Timer(models.Model):
    """Something to do at a time; a row, because a queued job can be lost."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=20)
    # For a clock of the SLA: the share of its time that is over when it fires.
    percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="timer_due", condition=Q(fired_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


class SweepRun(models.Model):
    """When a sweep last finished (NULL before it did once), for `/readyz` and the metrics.

    `is_wanted` if somebody asked for another meanwhile.
    """

    name = models.CharField(max_length=40, primary_key=True)
    finished_at = models.DateTimeField(null=True)
    took_seconds = models.FloatField(default=0)
    handled = models.PositiveIntegerField(default=0)
    is_wanted = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.name
