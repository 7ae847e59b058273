"""What makes the audit log provable: seals over its entries, each over the one before, and checks of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.models.people import Operator


class AuditSeal(models.Model):
    """A block of audit entries, sealed; `escalations.auditing.seals` says how. A trigger keeps it as it is.

    `entries` has the id and the digest of each entry, so that a check can name the one that was changed.
    `previous` is the digest of the seal before, empty for the first.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    oldest_at = models.DateTimeField()
    newest_at = models.DateTimeField()
    sealed_at = models.DateTimeField()
    entries = models.BinaryField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["newest_at"], name="seal_by_newest_entry"),
            models.Index(fields=["oldest_at"], name="seal_by_oldest_entry"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="one_seal_follows_each_seal"),
            models.CheckConstraint(
                name="seal_holds_entries",
                condition=Q(count__gt=0, number__gt=0, last_id__gte=models.F("first_id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class AuditCheck(models.Model):
    """A check of the whole log, and how far it came. `flaws` names the first things that were wrong.

    `seals` is how many there were when it started, `passed` how many it has looked at.
    """

    started_by = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    seals = models.PositiveBigIntegerField()
    passed = models.PositiveBigIntegerField(default=0)
    entries = models.PositiveBigIntegerField(default=0)
    flaws = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Looking twice at once proves no more.
            models.UniqueConstraint(
                models.ExpressionWrapper(Q(finished_at=None), output_field=models.BooleanField()),
                condition=Q(finished_at=None),
                name="one_audit_check_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.passed} of {self.seals}"

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.passed / self.seals if self.seals else 1.0
