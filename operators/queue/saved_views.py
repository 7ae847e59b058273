"""Views of the queue that people keep under a name."""

from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext

from escalations.models import Operator
from operators import named
from operators.models import SavedView
from operators.named import NameForm
from operators.queue.filters import CHOICES
from operators.queue.queue_view import STRIP, QueueView
from operators.queue.seat import Seat


def tools(view: QueueView, seat: Seat, operator: Operator) -> dict[str, Any]:
    """What stands beside the rows: the filters' choices, and the saved view that this is, if it is one."""
    current = next((saved for saved in seat.saved if saved.params == view.choice), None)
    may_change = current is not None and named.may_change(operator, current.owner_id)
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
    saved = SavedView(
        owner=operator,
        name=form.cleaned_data["name"],
        is_shared=form.cleaned_data["is_shared"],
        params=dict(view.choice),
    )
    named.written(saved)
    return saved
