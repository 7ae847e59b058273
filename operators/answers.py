"""How views answer a browser, with scripts or without."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from escalations.models import Escalation


def go(request: HttpRequest, to: str | Escalation) -> HttpResponse:
    """To another page: the page of a case, or the page of that name."""
    url = resolve_url("case", to.id) if isinstance(to, Escalation) else resolve_url(to)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
