"""What all keys have in common that somebody shows at the door of the API."""

from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

AnyKey = TypeVar("AnyKey", bound="Key")


class KeyQuerySet(models.QuerySet[AnyKey]):
    def valid(self) -> "KeyQuerySet[AnyKey]":
        """Neither revoked nor expired, by the database's clock."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None)


class Key(models.Model):
    """Only a keyed hash is kept; the key itself is shown once."""

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
