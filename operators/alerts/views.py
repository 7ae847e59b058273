"""Alerts: the rules and how they stand, what began and ended, and what a rule would have told last month."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.alerts import trial, watching
from escalations.alerts.kinds import KINDS
from escalations.auditing import audit
from escalations.models import AlertRule, Operator
from operators import parameters
from operators.access import may_set_up_the_desk, who_sees_figures, who_sets_up_the_desk
from operators.alerts import pages
from operators.alerts.forms import AlertRuleForm
from operators.alerts.stood import StoodForm, stood

_WRITTEN = (
    *("threshold", "hours", "queue", "agent", "cooldown_minutes"),
    *("is_active", "looked_at", "value"),
)


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """The rules and the history.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    history, older = pages.history(parameters.number(request.GET.get("before", "")))
    context = {
        "lines": pages.lines(),
        "history": history,
        "older": f"?before={older}" if older else "",
        "kinds": pages.addable(),
        "may_change": may_set_up_the_desk(operator),
    }
    return render(request, "operators/alerts/alerts.html", context)


@require_GET
def alert_stood(request: HttpRequest, kind: str) -> HttpResponse:
    """What stood at a moment of the past, by which an alert of this kind was measured.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such kind or moment, or it is measured by what happened in hours.
    """
    who_sees_figures(request)
    chosen = KINDS[pages.kind_called(kind)]
    form = StoodForm(request.GET)
    if not chosen.standing or not form.is_valid():
        raise Http404(_("There is no such list."))
    return render(request, "operators/alerts/stood.html", {"stood": stood(chosen, form.cleaned_data)})


@require_POST
def add_usual_alerts(request: HttpRequest) -> HttpResponse:
    """Add a rule of each kind for the whole desk, as it is by default.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    with transaction.atomic():
        rules = pages.usual()
        for rule in rules:
            rule.save()
            _note(operator, "alert.add", rule)
    said = ngettext("%(count)s alert was added.", "%(count)s alerts were added.", len(rules))
    messages.success(request, said % {"count": len(rules)})
    return HttpResponseRedirect(reverse("alerts"))


@require_http_methods(["GET", "POST"])
def new_alert(request: HttpRequest, kind: str) -> HttpResponse:
    """A new rule of a kind.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    form = AlertRuleForm(request.POST if request.method == "POST" else None, kind=pages.kind_called(kind))
    return _page(request, operator, form)


@require_http_methods(["GET", "POST"])
def edit_alert(request: HttpRequest, rule_id: int) -> HttpResponse:
    """A rule as it is; POST changes it.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    rule = get_object_or_404(AlertRule.objects.select_related("queue", "agent"), pk=rule_id)
    data = request.POST if request.method == "POST" else None
    form = AlertRuleForm(data, kind=pages.kind_called(rule.kind), rule=rule)
    return _page(request, operator, form)


@require_POST
def delete_alert(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Remove a rule with its history.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_up_the_desk(request)
    rule = get_object_or_404(AlertRule, pk=rule_id)
    with transaction.atomic():
        _note(operator, "alert.delete", rule)
        # Whoever was told that it began is told that it is over.
        watching.end(rule)
        rule.delete()
    messages.success(request, _("The alert was removed."))
    return HttpResponseRedirect(reverse("alerts"))


@require_POST
def alert_trial(request: HttpRequest, kind: str) -> HttpResponse:
    """What the rule in the form would have told last month. Nothing is kept.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_sets_up_the_desk(request)
    form = AlertRuleForm(request.POST, kind=pages.kind_called(kind))
    rule_id = parameters.number(request.POST.get("rule", ""))
    if rule_id:
        form.rule.pk = rule_id
    # That there is such a rule already hinders none from being tried.
    if set(form.errors) - {NON_FIELD_ERRORS}:
        faulty = [field for field in form if field.errors]
        return render(request, "operators/alerts/_alert_trial.html", {"faulty": faulty})
    rule = form.filled()
    try:
        with transaction.atomic():
            outcome = trial.last_month(rule)
    except DatabaseError:
        return render(request, "operators/alerts/_alert_trial.html", {"is_too_much": True})
    context = {"trial": outcome, "episodes": pages.would_have(outcome, rule)}
    return render(request, "operators/alerts/_alert_trial.html", context)


def _page(request: HttpRequest, operator: Operator, form: AlertRuleForm) -> HttpResponse:
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "operators/alerts/alert.html", {"form": form, "rule": form.rule}, status=status
        )
    action = "alert.change" if form.rule.pk else "alert.add"
    with transaction.atomic():
        rule = form.filled()
        rule.looked_at = rule.value = None  # the next sweep looks at once
        rule.save(update_fields=_WRITTEN if rule.pk else None)
        _note(operator, action, rule)
    messages.success(request, _("The alert was saved. It is looked at within a minute."))
    return HttpResponseRedirect(reverse("alerts"))


def _note(operator: Operator, action: str, rule: AlertRule) -> None:
    audit.write(actor=audit.operator_actor(operator), action=action, target=f"alertrule:{rule.pk}")
