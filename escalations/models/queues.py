"""Where cases wait, what they ask of a person, and how soon they are due."""

from django.core.validators import MinValueValidator
from django.db import models

from escalations.models.choices import Priority


class Skill(models.Model):
    """A name from the catalogue that handoffs may require and operators may have."""

    name = models.SlugField(max_length=40, primary_key=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    name = models.SlugField(max_length=40, unique=True)
    description = models.CharField(max_length=200, blank=True)
    # One priority class is worth this much waiting: see docs/decisions/0002.
    aging_seconds = models.PositiveIntegerField(default=600, validators=[MinValueValidator(1)])
    # Mean of the last week's claims, refreshed by a sweep; what the expected wait is made of.
    mean_handle_seconds = models.PositiveIntegerField(default=180)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="queue_aging_is_positive", condition=models.Q(aging_seconds__gt=0))
        ]

    def __str__(self) -> str:
        return self.name


class SlaTarget(models.Model):
    """How soon a case of one priority in one queue must be picked up and resolved, in seconds."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="sla_targets")
    priority = models.PositiveSmallIntegerField(choices=Priority)
    pickup_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["queue", "priority"]
        verbose_name = "SLA target"
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "priority"], name="one_sla_target_per_queue_and_priority"
            ),
            models.CheckConstraint(
                name="sla_pickup_before_resolution",
                condition=models.Q(pickup_seconds__lte=models.F("resolution_seconds")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}, {self.get_priority_display().lower()}"
