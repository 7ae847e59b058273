"""The agents that hand off, their versions, policies and keys."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models.keys import Key, KeyQuerySet


class Agent(models.Model):
    name = models.SlugField(max_length=60, unique=True)
    description = models.CharField(max_length=200, blank=True)
    default_queue = models.ForeignKey("escalations.Queue", on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    requests_per_second = models.PositiveIntegerField(
        gettext_lazy("Requests per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=gettext_lazy(
            "For each of its keys, on average over ten seconds. Empty: as the desk is set up."
        ),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentVersion(models.Model):
    """A version as the agent names itself; registered when it is first seen."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="versions")
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["agent", "name"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "name"], name="one_row_per_agent_version"),
        ]

    def __str__(self) -> str:
        return f"{self.agent.name} {self.name}"


class Policy(models.Model):
    """Numbered, immutable rules of an agent; a version without its own inherits the agent's.

    `rules` has the keys that `escalations.policy.policies` reads; `note` says why they were changed.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="policies")
    agent_version = models.ForeignKey(
        AgentVersion, on_delete=models.CASCADE, related_name="policies", null=True, blank=True
    )
    number = models.PositiveIntegerField()
    rules = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True, db_default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["agent", "-number"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["agent", "number"], name="policy_numbers_are_unique_per_agent"),
        ]

    def __str__(self) -> str:
        return _("%(agent)s policy %(number)s") % {"agent": self.agent, "number": self.number}


class Scope(models.TextChoices):
    """What a key may be good for.

    There is none for reading alone: a decision that is read counts as delivered.
    """

    HANDOFFS = (
        "handoffs",
        gettext_lazy("Handoffs: all about the agent's own cases, through MCP and A2A as well"),
    )
    CHECKS = "checks", gettext_lazy("Checks: whether to hand over, and whether outputs of steps are right")
    RUNS = "runs", gettext_lazy("Runs: reports of runs that finished without a handoff")


def every_scope() -> list[str]:
    """What a key is good for unless less is chosen."""
    return list(Scope.values)


class ApiKey(Key):
    """What an agent shows at the door."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_keys")
    scopes = ArrayField(
        models.CharField(max_length=20),
        default=every_scope,
        db_default=Value(["handoffs", "checks", "runs"], ArrayField(models.CharField())),
    )

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["agent", "-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.agent} {self.name} ({self.prefix}…)"
