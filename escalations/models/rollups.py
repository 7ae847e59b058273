"""Figures counted ahead, by the hour; `escalations.metrics.rolling` keeps them true."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from escalations.models.cases import Escalation

_KEY = ("metric", "hour", "version_id", "queue_id", "part", "label")


class _Cell(models.Model):
    """What happened in one hour. 0 as version and queue is all of them together."""

    metric = models.CharField(max_length=40)
    hour = models.DateTimeField()
    version_id = models.BigIntegerField()
    queue_id = models.BigIntegerField()
    part = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    n = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.metric} {self.hour}: {self.n}"


class Rollup(_Cell):
    """How many facts, and the sum of their values in millionths, which add up without a rest."""

    total = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=_KEY, name="one_rollup_per_hour_and_kind")]


class RollupBin(_Cell):
    """How many of their values lie in one bin: bin b holds 2^(b/16) up to 2^((b+1)/16)."""

    bin = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=(*_KEY, "bin"), name="one_rollup_per_hour_and_bin")]


class RolledCase(models.Model):
    """What was counted of a case, a line each: so that it can be taken back when the case changes."""

    # No case is ever deleted, and checking that costs time.
    case = models.OneToOneField(
        Escalation, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    facts = ArrayField(models.TextField())

    def __str__(self) -> str:
        return f"{self.case_id}: {len(self.facts)} facts"
