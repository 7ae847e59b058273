"""What people tell each other about a case, and what the desk tells people."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models.cases import Escalation
from escalations.models.people import Operator


class Note(models.Model):
    """A private note on a case. The agent and the user never see it."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="notes", db_index=False)
    body = models.TextField(max_length=10_000)
    # By which the same words, sent again after a lost answer, are known; see `notes.add`.
    sent_as = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Note of {self.author} on {self.case_id}"


class NoticeKind(models.TextChoices):
    MENTION = "mention", _("Somebody mentioned you")
    AT_RISK = "at_risk", _("A case is at risk")
    BREACHED = "breached", _("A case is late")
    UNROUTABLE = "unroutable", _("Nobody can take a case")
    INFEASIBLE = "infeasible", _("A case cannot be saved before it expires")
    ASSIGNED = "assigned", _("You were given a case")
    TAKEN = "taken", _("Your case was taken over")
    SET_AWAY = "set_away", _("You were set away")
    USER_WROTE = "user_wrote", _("The user wrote to you")
    WOKEN = "woken", _("A case that you snoozed is back")
    REPLY = "reply", _("A reply that you waited for came")
    TOO_LATE = "too_late", _("A decision of yours came too late")
    WEBHOOK_OFF = "webhook_off", _("A webhook endpoint was turned off")
    ALERT = "alert", _("An alert began or ended")
    AUDIT_FLAW = "audit_flaw", _("The audit log does not fit its seals")


# What calls for a supervisor at once.
ALERTS = (
    NoticeKind.BREACHED,
    NoticeKind.UNROUTABLE,
    NoticeKind.INFEASIBLE,
    NoticeKind.WEBHOOK_OFF,
    NoticeKind.ALERT,
    NoticeKind.AUDIT_FLAW,
)


class Notice(models.Model):
    """Something one person should know. Its link leads to a page and never acts."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="notices", db_index=False)
    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=12, choices=NoticeKind)
    text = models.CharField(max_length=300)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["operator", "-id"], name="notice_of_operator"),
            models.Index(fields=["operator"], name="notice_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.text
