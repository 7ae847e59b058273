"""The frame of every page: who is available, and the parts that the live connection renews."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from escalations import presence
from escalations.models import Availability
from escalations.people.desks import desk_of
from operators.access import signed_in
from operators.answers import back
from operators.live.desk import render_desk
from operators.rendering.formatting import small

_LONGEST_REASON = 100


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The parts of the frame that change, as they are now."""
    return HttpResponse(render_desk(desk_of(signed_in(request))))


@require_POST
def set_availability(request: HttpRequest) -> HttpResponse:
    """Available, wrapping up, or away for a reason."""
    operator = signed_in(request)
    availability = request.POST.get("availability", "")
    if availability not in Availability.values:
        return HttpResponse(_("There is no such availability."), status=400)
    is_away = availability == Availability.AWAY
    reason = " ".join(request.POST.get("reason", "").split())[:_LONGEST_REASON] if is_away else ""
    put_back = is_away and request.POST.get("held") == "put_back"
    presence.set_availability(
        operator=operator, availability=Availability(availability), reason=reason, put_back=put_back
    )
    told = _("You are away. Your cases are back in the queue; what you typed is kept.") if put_back else ""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(render_desk(desk_of(operator)))
        if told:
            trigger_client_event(answer, "handrail:toast", {"tone": "good", "text": told})
        return answer
    now = _("You are %(availability)s now.") % {"availability": small(Availability(availability).label)}
    messages.success(request, told or now)
    return back(request)
