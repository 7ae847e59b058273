"""What people keep under a name, for themselves or for all: who may change it, and how it comes back."""

from typing import Any, TypeVar

from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.models import Operator
from operators.models import Dashboard, SavedView

NAME_MAX = 40
TAKEN = {
    SavedView: _("You have a view of this name already."),
    Dashboard: _("You have a dashboard of this name already."),
}
_NONE = {SavedView: _("There is no such view."), Dashboard: _("There is no such dashboard.")}
# How long what was deleted can be brought back, in seconds.
_UNDO = 3600
Named = SavedView | Dashboard
Kept = TypeVar("Kept", SavedView, Dashboard)


class NameForm(forms.Form):
    """What it is called, and whether everybody has it."""

    name = forms.CharField(max_length=NAME_MAX, error_messages={"required": _("Give it a name.")})
    is_shared = forms.BooleanField(required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class NameTaken(Exception):
    """What a person keeps has different names."""


def may_change(operator: Operator, owner_id: int) -> bool:
    """What somebody keeps, its owner and admins may change."""
    return owner_id == operator.pk or operator.is_desk_admin


def changeable(model: type[Kept], operator: Operator, row_id: int) -> Kept:
    """The row, for its owner or an admin to change.

    Raises:
        Http404: there is none that this person sees.
        PermissionDenied: it is shared by somebody else.
    """
    row = model._default_manager.filter(pk=row_id).first()
    if row is None or not (row.is_shared or row.owner_id == operator.pk):
        raise Http404(_NONE[model])
    if not may_change(operator, row.owner_id):
        raise PermissionDenied(gettext("Only its owner or an admin may change this."))
    return row


def written(row: Named) -> None:
    """Save it.

    Raises:
        NameTaken: its owner has another one of this name.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken(TAKEN[type(row)]) from None


def rename(row: Named, form: NameForm) -> None:
    """Another name, and shared or not.

    Raises:
        NameTaken: the owner has another one of this name.
    """
    row.name, row.is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
    written(row)


def delete(row: Named) -> str:
    """Delete it; what is returned brings it back within the hour."""
    fields = [field.attname for field in row._meta.concrete_fields if field.attname != "created_at"]
    kept = {name: getattr(row, name) for name in fields}
    row.delete()
    return signing.dumps(kept, salt=row._meta.label, compress=True)


def restore(model: type[Kept], operator: Operator, kept: str) -> Kept:
    """Bring back what was deleted, under its old id.

    Raises:
        NameTaken: the owner made another one of this name since.
        Http404: it was too long ago, or is none of ours.
        PermissionDenied: it is of somebody else.
    """
    try:
        fields: dict[str, Any] = signing.loads(kept, salt=model._meta.label, max_age=_UNDO)
    except signing.BadSignature:
        raise Http404(gettext("This cannot be brought back any more.")) from None
    row = model(**fields)
    if not may_change(operator, row.owner_id):
        raise PermissionDenied
    # A second click changes nothing, nor undoes what was changed since.
    if there := model._default_manager.filter(pk=row.pk).first():
        return there
    written(row)
    return row
