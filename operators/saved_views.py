"""Views of the queue that people keep under a name: who may have, share, rename and delete them."""

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.models import Operator
from operators.models import SavedView
from operators.queue_filters import CHOICES
from operators.queue_view import STRIP, QueueView
from operators.seat import Seat

NAME_MAX = 40
TAKEN = _("You have a view of this name already.")
# How long a deleted view can be brought back, in seconds.
_UNDO = 3600
_SALT = "operators.saved_views"


class NameForm(forms.Form):
    """What a view is called, and whether everybody has it."""

    name = forms.CharField(max_length=NAME_MAX, error_messages={"required": _("Give it a name.")})
    is_shared = forms.BooleanField(required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


def tools(view: QueueView, seat: Seat, operator: Operator) -> dict[str, Any]:
    """What stands beside the rows: the filters' choices, and the saved view that this is, if it is one."""
    current = next((saved for saved in seat.saved if saved.params == view.choice), None)
    may_change = current is not None and (current.owner_id == operator.pk or operator.is_desk_admin)
    return {
        "filters": view.filters,
        "choices": CHOICES,
        "seat": seat,
        "current_view": current,
        "may_change_view": may_change,
    }


def save(operator: Operator, form: NameForm, params: QueryDict) -> SavedView:
    """Keep the choice that `params` make.

    Raises:
        NameTaken: the person has a view of this name.
        Http404: it is the strip beside a case.
    """
    view = QueueView.for_operator(operator, {name: str(value) for name, value in params.items()})
    if view.view == STRIP:
        raise Http404(gettext("The strip beside a case is no view to keep."))
    return _written(
        SavedView(
            owner=operator,
            name=form.cleaned_data["name"],
            is_shared=form.cleaned_data["is_shared"],
            params=dict(view.choice),
        )
    )


def rename(saved: SavedView, form: NameForm) -> SavedView:
    """Another name, and shared or not.

    Raises:
        NameTaken: the owner has another view of this name.
    """
    saved.name, saved.is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
    return _written(saved)


def delete(saved: SavedView) -> str:
    """Delete it; what is returned brings it back within the hour."""
    kept = {
        "id": saved.pk,
        "owner": saved.owner_id,
        "name": saved.name,
        "shared": saved.is_shared,
        "params": saved.params,
    }
    saved.delete()
    return signing.dumps(kept, salt=_SALT, compress=True)


def restore(operator: Operator, kept: str) -> SavedView:
    """Bring back a view that was deleted, under its old id.

    Raises:
        NameTaken: the owner made another one of this name since.
        Http404: it was too long ago, or is none of ours.
    """
    try:
        fields = signing.loads(kept, salt=_SALT, max_age=_UNDO)
    except signing.BadSignature:
        raise Http404(gettext("This view cannot be brought back any more.")) from None
    if fields["owner"] != operator.pk and not operator.is_desk_admin:
        raise PermissionDenied
    return _written(
        SavedView(
            id=fields["id"],
            owner_id=fields["owner"],
            name=fields["name"],
            is_shared=fields["shared"],
            params=fields["params"],
        )
    )


def changeable(operator: Operator, view_id: int) -> SavedView:
    """The view, for its owner or an admin to change.

    Raises:
        Http404: there is none that this person sees.
        PermissionDenied: it is shared by somebody else.
    """
    saved = SavedView.objects.filter(id=view_id).first()
    if saved is None or not (saved.is_shared or saved.owner_id == operator.pk):
        raise Http404(gettext("There is no such view."))
    if saved.owner_id != operator.pk and not operator.is_desk_admin:
        raise PermissionDenied(gettext("Only its owner or an admin may change this view."))
    return saved


class NameTaken(Exception):
    """A person's views have different names."""


def _written(saved: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError:
        raise NameTaken(TAKEN) from None
    return saved
