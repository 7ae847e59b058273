"""How long what is kept."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from escalations.models.queues import Queue


class Kept(models.TextChoices):
    """What the desk forgets after a while. Decisions, events and the audit log are not among it."""

    CONVERSATIONS = "conversations", _("What was said in closed cases")
    RUNS = "runs", _("Finished runs and checkpoints")
    CLOSED = "closed", _("Timers and offers of closed cases")
    ROUTING = "routing", _("What the router looked at")
    NOTICES = "notices", _("Notices")
    STAYS = "stays", _("When people were there")
    WEBHOOKS = "webhooks", _("Webhooks and their attempts")
    REPLAYS = "replays", _("Replays")
    RETRIES = "retries", _("Answers kept for retries")


class RetentionRule(models.Model):
    """For how many days something is kept, of one queue or of all; 0 is for ever, no row the default."""

    kept = models.CharField(max_length=14, choices=Kept)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, null=True, related_name="retention_rules")
    days = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kept", "queue"], nulls_distinct=False, name="one_retention_rule_per_kind_and_queue"
            ),
            models.CheckConstraint(
                name="only_conversations_are_kept_by_queue",
                condition=Q(queue=None) | Q(kept=Kept.CONVERSATIONS),
            ),
            models.CheckConstraint(name="retention_is_a_century_at_most", condition=Q(days__lte=36_500)),
        ]

    def __str__(self) -> str:
        return f"{self.kept} {self.days}"
