"""The people of the desk. An operator's queues and skills decide what routing may give them."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Role(models.TextChoices):
    OPERATOR = "operator", "Operator"
    REVIEWER = "reviewer", "Reviewer"
    ADMIN = "admin", "Admin"


class Operator(AbstractUser):
    """A person who signs in: operator, reviewer or admin."""

    role = models.CharField(max_length=10, choices=Role, default=Role.OPERATOR)
    queues = models.ManyToManyField("escalations.Queue", related_name="operators", blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    hourly_cost_usd = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("36.00"))
    timezone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(
        max_length=6, choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")], default="system"
    )

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
        super().save(*args, **kwargs)

    @property
    def is_desk_admin(self) -> bool:
        """Whether this person may set up the desk and see everything."""
        return self.role == Role.ADMIN

    @property
    def sees_figures(self) -> bool:
        """Whether the metrics pages are open to this person."""
        return self.role in (Role.ADMIN, Role.REVIEWER)
