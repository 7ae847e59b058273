"""What the desk told a person. Following a link changes nothing; reading is told by POST."""

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from escalations.models import Notice, Operator
from escalations.people.notices import READ_BY_OPENING
from escalations.signals import tell_desk_changed
from operators import parameters
from operators.access import signed_in
from operators.answers import back

_LATEST = 8
_PAGE = 50


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """A person's notices, newest first; `show=unread` leaves out the others, `before` goes further back."""
    only_unread = request.GET.get("show") == "unread"
    chosen = _of(signed_in(request)).filter(**({"read_at": None} if only_unread else {}))
    before = parameters.number(request.GET.get("before", ""))
    shown = list((chosen.filter(id__lt=before) if before else chosen)[: _PAGE + 1])
    context = {
        "notices": shown[:_PAGE],
        "older": _older(shown, only_unread) if len(shown) > _PAGE else "",
        "only_unread": only_unread,
    }
    return render(request, "operators/desk/notices.html", context)


@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """The latest few, for the menu of the bell."""
    shown = _of(signed_in(request))[:_LATEST]
    return render(request, "operators/desk/_notices_menu.html", {"notices": shown})


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark one notice (`notice`) as read, or all `up_to` one, so that none is that was never shown.

    With `case`, those that only led to that case, which is open before the person now.
    """
    mine = Notice.objects.filter(operator=signed_in(request), read_at=None)
    one = parameters.number(request.POST.get("notice", ""))
    up_to = parameters.number(request.POST.get("up_to", "")) or 0
    if case_id := parameters.uuid(request.POST.get("case", "")):
        mine = mine.filter(case=case_id, kind__in=READ_BY_OPENING)
    else:
        mine = mine.filter(id=one) if one else mine.filter(id__lte=up_to)
    mine.update(read_at=Now())
    tell_desk_changed()
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return back(request)


def _older(shown: list[Notice], only_unread: bool) -> str:
    show = {"show": "unread"} if only_unread else {}
    return f"?{urlencode(show | {'before': shown[_PAGE - 1].pk})}"


def _of(operator: Operator) -> QuerySet[Notice]:
    return Notice.objects.filter(operator=operator).select_related("case").order_by("-id")
