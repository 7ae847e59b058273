"""Where cases wait, what they ask of a person, and how soon they are due."""

from datetime import time

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models.choices import Priority


class Weekday(models.IntegerChoices):
    """As `date.weekday` counts them."""

    MONDAY = 0, gettext_lazy("Monday")
    TUESDAY = 1, gettext_lazy("Tuesday")
    WEDNESDAY = 2, gettext_lazy("Wednesday")
    THURSDAY = 3, gettext_lazy("Thursday")
    FRIDAY = 4, gettext_lazy("Friday")
    SATURDAY = 5, gettext_lazy("Saturday")
    SUNDAY = 6, gettext_lazy("Sunday")


class Skill(models.Model):
    """A name from the catalogue that handoffs may require and operators may have."""

    name = models.SlugField(max_length=40, primary_key=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Calendar(models.Model):
    """Business hours in a time zone. A queue without one is always open."""

    name = models.CharField(max_length=60, unique=True)
    timezone = models.CharField(max_length=64, default="UTC")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One stretch of an open day, by the clock on the wall; several a day are fine, overlaps count once."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    # 23:59:59.999999 means until midnight.
    closes = models.TimeField()

    class Meta:
        ordering = ["calendar", "weekday", "opens"]
        verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(
                name="opening_hours_close_after_they_open",
                condition=models.Q(closes__gt=models.F("opens")),
            ),
            models.CheckConstraint(
                name="opening_hours_weekday_is_known", condition=models.Q(weekday__in=Weekday.values)
            ),
        ]

    def __str__(self) -> str:
        closes = "24:00" if self.closes == time.max else f"{self.closes:%H:%M}"
        return _("%(day)s %(opens)s to %(closes)s") % {
            "day": self.get_weekday_display(),
            "opens": f"{self.opens:%H:%M}",
            "closes": closes,
        }


class Holiday(models.Model):
    """A day on which a calendar is closed."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="one_row_per_holiday"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()


class Queue(models.Model):
    name = models.SlugField(max_length=40, unique=True)
    description = models.CharField(max_length=200, blank=True)
    # One priority class is worth this much waiting: see docs/decisions/0002.
    aging_seconds = models.PositiveIntegerField(default=600, validators=[MinValueValidator(1)])
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="queues"
    )
    # Whose members help out when nobody here could for a while.
    overflow = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="overflows_from"
    )
    # Mean of the last week's claims, refreshed by a sweep; what the expected wait is made of.
    mean_handle_seconds = models.PositiveIntegerField(default=180)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="queue_aging_is_positive", condition=models.Q(aging_seconds__gt=0)),
            models.CheckConstraint(
                name="queue_does_not_overflow_into_itself",
                condition=models.Q(overflow__isnull=True) | ~models.Q(overflow=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SlaTarget(models.Model):
    """How soon a case of one priority in one queue must be picked up and resolved, in seconds."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="sla_targets")
    priority = models.PositiveSmallIntegerField(choices=Priority)
    pickup_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField()
    # How soon the user must hear back each time they wrote; none when empty.
    response_seconds = models.PositiveIntegerField(null=True, blank=True)

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
