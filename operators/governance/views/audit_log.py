"""The audit log: who did what to which row, and whether the log is as it was written."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from escalations import nudges
from escalations.auditing import audit, checks
from operators.access import who_sets_up_the_desk
from operators.governance import audit_pages
from operators.governance.audit_pages import PAGE, AuditForm
from operators.rendering.streaming import csv_file


@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    """The entries that fit what is in the address, newest first, and the state of the seals.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    form = AuditForm(request.GET)
    form.is_valid()
    search = form.search(audit_pages.zone_of(operator))
    found = search.page(before=form.cleaned_data.get("before"), size=PAGE + 1)
    shown = form.cleaned_data
    context = {
        "form": form,
        "lines": audit_pages.lines(found[:PAGE]),
        "is_narrowed": any(value for name, value in shown.items() if name != "before"),
        "older": audit_pages.narrowed(shown, before=str(found[PAGE - 1].id)) if len(found) > PAGE else "",
        "newest": audit_pages.narrowed(shown) if shown.get("before") else "",
        "query": request.GET.urlencode(),
        **audit_pages.standing(),
    }
    return render(request, "operators/governance/audit_log.html", context)


@require_GET
def audit_log_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same entries, all of them, as a file.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    form = AuditForm(request.GET)
    form.is_valid()
    entries = form.search(audit_pages.zone_of(operator)).rows()
    audit.write(actor=audit.operator_actor(operator), action="export", target="export:audit")
    return csv_file(request, audit_pages.csv_rows(entries), "audit")


@require_POST
def check_audit_log(request: HttpRequest) -> HttpResponse:
    """Have the whole log checked against its seals, in the background.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    checks.start(operator)
    transaction.on_commit(nudges.check_audit_log_soon)
    if request.headers.get("HX-Request"):
        return _check(request)
    return HttpResponseRedirect(reverse("audit_log"))


@require_GET
def audit_check(request: HttpRequest) -> HttpResponse:
    """How far the newest check has come, for a page that waits for it.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_sets_up_the_desk(request)
    return _check(request)


def _check(request: HttpRequest) -> HttpResponse:
    return render(request, "operators/governance/_audit_check.html", audit_pages.standing())
