"""How views answer a browser, with scripts or without."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from escalations.models import Escalation


def go(request: HttpRequest, to: str | Escalation) -> HttpResponse:
    """To another page: the page of a case, or the page of that name."""
    url = resolve_url("case", to.id) if isinstance(to, Escalation) else resolve_url(to)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def back(request: HttpRequest) -> HttpResponse:
    """To the page that the form stood on, if it is one of ours, else to the queue."""
    referer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        referer, {request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(referer if is_ours else resolve_url("queue"))
