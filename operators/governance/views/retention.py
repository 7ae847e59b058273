"""How long what is kept: set, after a look at what would be deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from escalations.auditing import audit
from escalations.retention import keeping
from operators.access import who_sets_up_the_desk
from operators.governance.forms import RetentionForm


@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """The settings; POST keeps them, and the sweeps obey.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    form = RetentionForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "operators/governance/retention.html", {"form": form}, status=status)
    changed = keeping.save(form.wanted, actor=audit.operator_actor(operator))
    said = ngettext("%(count)s setting was changed.", "%(count)s settings were changed.", len(changed))
    messages.success(request, said % {"count": len(changed)} if changed else _("Nothing was changed."))
    return HttpResponseRedirect(reverse("retention"))


@require_POST
def retention_trial(request: HttpRequest) -> HttpResponse:
    """What the sweeps would delete now under the settings in the form. Nothing is kept, nothing deleted.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_sets_up_the_desk(request)
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return render(request, "operators/governance/_retention_trial.html", {"is_faulty": True})
    present = keeping.rules()
    rows = [
        (line, days, days != present.get(line.subject), keeping.would_go(line.subject, days))
        for line in form.lines()
        if (days := form.wanted[line.subject]) is not None
    ]
    return render(
        request, "operators/governance/_retention_trial.html", {"rows": rows, "counted": keeping.COUNTED}
    )
