"""The agents that hand off, their versions, policies and keys."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


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

    `rules` has the keys that `escalations.policies` reads; `note` says why they were changed.
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


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def valid(self) -> "ApiKeyQuerySet":
        """Neither revoked nor expired, by the database's clock."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None)


class ApiKey(models.Model):
    """What an agent shows at the door. Only a keyed hash is kept; the key itself is shown once."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["agent", "-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.agent} {self.name} ({self.prefix}…)"
