"""What a person typed and has not sent. It outlives the claim, and goes once its decision is made."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models.functions import Now
from django.http import QueryDict

from escalations.models import Escalation, Operator
from operators.models import Draft

_NOT_TYPED = ("csrfmiddlewaretoken", "lease_token", "then", "action")


def save(case: Escalation, operator: Operator, submitted: QueryDict) -> None:
    """Keep the form as it was submitted, in the place of what was kept before."""
    Draft.objects.update_or_create(
        case=case, operator=operator, defaults={"fields": _fields(submitted), "updated_at": Now()}
    )


def discard(case: Escalation, operator: Operator) -> None:
    """Forget what was typed."""
    Draft.objects.filter(case=case, operator=operator).delete()


def forget(case: Escalation, operator: Operator, names: Collection[str]) -> None:
    """Forget the fields that were sent by themselves, and keep the rest."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(case=case, operator=operator).first()
        if draft and draft.fields.keys() & set(names):
            draft.fields = {name: typed for name, typed in draft.fields.items() if name not in names}
            draft.save(update_fields=["fields"])


def _fields(submitted: QueryDict) -> Mapping[str, list[str]]:
    # The database keeps no U+0000; nobody types one by intention.
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in map(str, values)]
        for name, values in submitted.lists()
        if name not in _NOT_TYPED
    }
