"""The people of the desk. An operator's queues and skills decide what routing may give them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations import stored_words

# A page that has not answered a ping for so long is gone.
CONNECTED = timedelta(seconds=60)
# An open page answers a ping every 25 s. Who was not heard of for longer did not see what came since.
SILENT = timedelta(seconds=35)


class Role(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Admin")


# Who may take over, give and rank the cases of others, and is told what goes wrong.
SUPERVISORS = (Role.ADMIN, Role.REVIEWER)


class Availability(models.TextChoices):
    AVAILABLE = "available", _("Available")
    WRAP_UP = "wrap_up", _("Wrapping up")
    AWAY = "away", _("Away")


class Digest(models.TextChoices):
    """How often unread notices are mailed."""

    OFF = "off", _("Never")
    HOURLY = "hourly", _("Every hour")
    DAILY = "daily", _("Every day")


class Operator(AbstractUser):
    """A person who signs in: operator, reviewer or admin."""

    role = models.CharField(max_length=10, choices=Role, default=Role.OPERATOR)
    # Whether an operator may give second looks at what others decided in their queues.
    can_review = models.BooleanField(default=False, db_default=False)
    queues = models.ManyToManyField("escalations.Queue", related_name="operators", blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # The sum of the weights of the cases that this person may hold or be offered at one time.
    capacity = models.PositiveSmallIntegerField(default=4, db_default=4)
    hourly_cost_usd = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("36.00"))
    timezone = models.CharField(max_length=64, default="UTC")
    # The code of a language in which pages and mails are; without one, pages are in the browser's.
    language = models.CharField(max_length=10, default="", db_default="", blank=True)
    theme = models.CharField(
        max_length=6,
        choices=[("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))],
        default="system",
    )

    # Keys that this person chose: name of the action to key. Single letters can be switched off (WCAG 2.1.4).
    keymap = models.JSONField(default=dict, db_default={}, blank=True)
    single_keys = models.BooleanField(default=True, db_default=True)
    sounds = models.BooleanField(default=False, db_default=False)
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.OFF, db_default=Digest.OFF)
    # Whether what a supervisor is called for is mailed at once: a late case, or one that nobody can take.
    mails_alerts = models.BooleanField(default=False, db_default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(name="operator_role_is_known", condition=models.Q(role__in=Role.values))
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only admins, and all of them, may use Django's administration: the role alone decides.

        `manage.py createsuperuser` knows no roles, so whoever it makes becomes an admin.
        """
        if self._state.adding and self.is_superuser:
            self.role = Role.ADMIN
        self.is_staff = self.is_superuser = self.role == Role.ADMIN
        if "role" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_staff", "is_superuser"}
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            watching = {"availability": Availability.AWAY, "reason": stored_words.WATCHING}
            Presence.objects.get_or_create(operator=self, defaults=watching if self.is_supervisor else {})

    @property
    def is_desk_admin(self) -> bool:
        """Whether this person may set up the desk and see everything."""
        return self.role == Role.ADMIN

    @property
    def is_supervisor(self) -> bool:
        """Whether this person may take over, give and rank the cases of others."""
        return self.role in SUPERVISORS

    @property
    def gives_second_looks(self) -> bool:
        """Whether this person may review what others decided: not only reviewers and admins may."""
        return self.is_supervisor or self.can_review

    @property
    def sees_figures(self) -> bool:
        """Whether the metrics pages are open to this person."""
        return self.role in (Role.ADMIN, Role.REVIEWER)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def connected(self) -> "PresenceQuerySet":
        """People with an open page, by the server's own ping."""
        return self.filter(seen_at__gt=Now() - CONNECTED)

    def heard(self) -> "PresenceQuerySet":
        """Connected, and not since the last page was closed: who can be reached at this moment."""
        return self.filter(seen_at__gt=Now() - SILENT)

    def away(self) -> "PresenceQuerySet":
        """People who may be given nothing. Who only watches takes no offers, but may be given a case."""
        return self.filter(availability=Availability.AWAY).exclude(reason=stored_words.WATCHING)

    def ready(self) -> "PresenceQuerySet":
        """Connected and willing to be offered work."""
        return self.connected().filter(availability=Availability.AVAILABLE)


class Presence(models.Model):
    """Who is there: one row for each person, apart from the sign-in because it changes all day.

    Routing locks it before it counts what the person holds, so that no race fills a desk twice.
    `missed` counts the offers missed in a row.
    """

    operator = models.OneToOneField(
        Operator, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    availability = models.CharField(
        max_length=10, choices=Availability, default=Availability.AVAILABLE, db_default=Availability.AVAILABLE
    )
    reason = models.CharField(max_length=100, blank=True, db_default="")
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    last_offered_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="presence_availability_is_known",
                condition=models.Q(availability__in=Availability.values),
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.get_availability_display().lower()}"


class Stay(models.Model):
    """A stretch of time in which a person had a page open, with one availability, by the server's ping.

    `escalations.presence` makes the newest one longer for as long as they answer.
    """

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="stays", db_index=False)
    availability = models.CharField(max_length=10, choices=Availability)
    started_at = models.DateTimeField()
    # Not indexed: it changes with each answer.
    ended_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["operator", "-started_at"], name="stay_newest")]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.availability} from {self.started_at}"
