"""What is promised of an agent's errors, and the looks at what its audits found."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models.agents import Agent, AgentVersion
from escalations.models.people import Operator


class ConfidenceSource(models.TextChoices):
    """Where a confidence comes from."""

    SELF_REPORT = "self_report", _("Said by the agent itself")
    LOGPROB = "logprob", _("Probabilities of its tokens")
    JUDGE = "judge", _("Judged by another model")
    VOTE = "vote", _("Vote of several attempts")
    HEURISTIC = "heuristic", _("Rule of thumb")
    UNNAMED = "", _("Source not named")


class CalibrationGoal(models.Model):
    """What an admin wants of an agent's thresholds.

    Above one at most a share `alpha` of the runs is wrong; that may be untrue with a probability of `delta`
    for each version and source. `error_cost_usd` is what an error costs that nobody catches.
    """

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="goal")
    alpha = models.FloatField(default=0.02)
    delta = models.FloatField(default=0.05)
    error_cost_usd = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="goal_promises_shares",
                condition=Q(alpha__gt=0, alpha__lt=1, delta__gt=0, delta__lt=1),
            ),
        ]

    def __str__(self) -> str:
        return str(self.agent)


class CalibrationLook(models.Model):
    """One look at what the audits of a version found, and the tests that were made. Never changed.

    Looks of one version and source are numbered. Of `delta` the tests `spent` a part; a look that could test
    nothing spent nothing. `digest` is that of the sample, `findings` is a `calibration.values.Findings`.
    """

    agent_version = models.ForeignKey(AgentVersion, on_delete=models.CASCADE, related_name="looks")
    source = models.CharField(max_length=12, choices=ConfidenceSource, blank=True)
    number = models.PositiveIntegerField()
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    alpha = models.FloatField()
    delta = models.FloatField()
    spent = models.FloatField()
    digest = models.CharField(max_length=64)
    audits_since = models.DateTimeField(null=True)
    audits_until = models.DateTimeField(null=True)
    findings = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent_version", "source", "number"], name="looks_are_numbered_per_version_and_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_version} {self.get_source_display()} {self.number}"
