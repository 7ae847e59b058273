"""What the pages keep for a person: the decision they were writing."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from escalations.models import Escalation


class Draft(models.Model):
    """A decision form as typed. It outlives the lease; the next holder starts with their own."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="drafts")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "operator"], name="one_draft_per_case_and_operator")
        ]

    def __str__(self) -> str:
        return f"Draft of {self.operator} for {self.case_id}"
