"""Last week once more under other rules: what was asked, how far it came, what came out."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from escalations.models.agents import Agent, AgentVersion, Policy
from escalations.models.jobs import Job


class Played(Job):
    """A replay: `done` of `total` steps were played; `findings` came out, or nothing for `problem`."""

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(db_default=Now())
    total = models.PositiveIntegerField(default=0)
    findings = models.JSONField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], name="%(class)s_unfinished", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0


class Replay(Played):
    """A week of arrivals routed again. `asked` is `replay.Settings`.

    `queue` is the name of the one that it is about, empty for all.
    """

    queue = models.CharField(max_length=60, blank=True)
    asked = models.JSONField(default=dict)


class ReplayRows(models.Model):
    """What the figures of a replay count, one by one (`escalations.replay.fates`); read only to be listed."""

    replay = models.OneToOneField(Replay, on_delete=models.CASCADE, primary_key=True, related_name="kept")
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"Rows of {self.replay_id}"


class PolicyReplay(Played):
    """The runs and cases of an agent, or of its version, held against rules that were not in force.

    `rules` are those, of `policy` where they were saved, else of a draft; `in_force` those of the moment in
    which it was asked for.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    agent_version = models.ForeignKey(AgentVersion, on_delete=models.CASCADE, null=True, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, null=True, related_name="+")
    rules = models.JSONField(default=dict)
    in_force = models.JSONField(default=dict)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(Played.Meta):
        constraints = [
            models.CheckConstraint(
                name="policy_replay_ends_after_it_begins", condition=Q(until__gt=F("since"))
            )
        ]

    @property
    def subject(self) -> Agent | AgentVersion:
        """Whose runs and cases they are."""
        return self.agent_version or self.agent


class PolicyReplayRows(models.Model):
    """What its figures count, one by one (`escalations.replay.asked`); read only to be listed."""

    replay = models.OneToOneField(
        PolicyReplay, on_delete=models.CASCADE, primary_key=True, related_name="kept"
    )
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"Rows of {self.replay_id}"
