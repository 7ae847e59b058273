"""What a person chooses for themselves."""

from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from operators.access import signed_in

_THEMES = ("system", "light", "dark")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Fix the theme, or follow the system."""
    return _set(request, "theme", request.POST.get("theme", "") in _THEMES)


@require_POST
def set_timezone(request: HttpRequest) -> HttpResponse:
    """Show times in another time zone, by its name in the IANA database."""
    return _set(request, "timezone", request.POST.get("timezone", "") in available_timezones())


def _set(request: HttpRequest, field: str, is_known: bool) -> HttpResponse:
    if not is_known:
        return HttpResponseBadRequest(f"There is no such {field}.")
    operator = signed_in(request)
    setattr(operator, field, request.POST[field])
    operator.save(update_fields=[field])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    back = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_ours else "/")
