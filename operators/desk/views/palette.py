"""What the command palette finds on the server: cases, saved views, and the cases one worked on lately."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Max, Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations.models import Claim, Escalation, Operator
from escalations.search.queries import search
from operators.access import signed_in
from operators.models import SavedView
from operators.rendering.formatting import small

_MOST = 8
_RECENT = 5
_SHORTEST_ID = 8


@require_GET
def palette(request: HttpRequest) -> JsonResponse:
    """`{"found": [{"group", "label", "hint", "href"}]}` for the words `q`: few rows, only visible ones.

    Those that come before all that the page itself offers have `first`.
    """
    operator = signed_in(request)
    words = request.GET.get("q", "").strip()[:200]
    cases = _cases(operator, words) if words else []
    recent = _recent(operator) if not words else []
    found = [_row(_("Cases"), case, is_first=True) for case in cases]
    found += [_row(_("Recent"), case) for case in recent]
    return JsonResponse({"found": found + _views(operator, words)})


def _cases(operator: Operator, words: str) -> Iterable[Escalation]:
    visible = Escalation.objects.visible_to(operator).select_related("queue")
    if ids := _ids(words):
        return visible.filter(id__range=ids)[:_MOST]
    return _in_order(operator, search(operator, words, _MOST))


def _ids(words: str) -> tuple[UUID, UUID] | None:
    """The range of ids that begin so, if it is the start of one: at least its first block."""
    digits = words.replace("-", "").lower()
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_ID},32}}", digits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def _recent(operator: Operator) -> list[Escalation]:
    """The cases that this person took last, the latest in front."""
    last = Claim.objects.filter(operator=operator).order_by("-id").values("id")[:50]
    latest = Claim.objects.filter(id__in=last).values("case").annotate(at=Max("id")).order_by("-at")
    order = [row["case"] for row in latest[:_RECENT]]
    return _in_order(operator, order)


def _in_order(operator: Operator, case_ids: list[UUID]) -> list[Escalation]:
    visible = Escalation.objects.visible_to(operator).select_related("queue").in_bulk(case_ids)
    return [visible[case_id] for case_id in case_ids if case_id in visible]


def _views(operator: Operator, words: str) -> list[dict[str, Any]]:
    views = SavedView.objects.filter(Q(owner=operator) | Q(is_shared=True))
    if words:
        views = views.filter(name__icontains=words)
    return [
        {
            "group": _("Views"),
            "label": view.name,
            "hint": _("shared") if view.owner_id != operator.pk else "",
            "href": f"{reverse('queue')}?{urlencode(view.params)}",
        }
        for view in views[:_MOST]
    ]


def _row(group: str, case: Escalation, *, is_first: bool = False) -> dict[str, Any]:
    hint = f"{small(case.get_state_display())} · {case.queue.name}"
    href = reverse("case", args=[case.pk])
    return {"group": group, "label": case.headline, "hint": hint, "href": href, "first": is_first}
