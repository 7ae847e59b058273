"""Whether confidence can be trusted, and from which threshold on an agent may work alone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalations.calibration import looks
from escalations.calibration.looks import NotLooked
from escalations.calibration.values import Findings, Tested
from escalations.models import Operator
from operators.access import may_change_policies, signed_in, who_changes_policies, who_sees_figures
from operators.calibration import charts, page, words
from operators.calibration import runs as calibration_runs
from operators.calibration.forms import GoalForm
from operators.calibration.page import Subject
from operators.calibration.runs import Narrowed


@require_GET
def calibration(request: HttpRequest) -> HttpResponse:
    """What the last look at a version found. Nothing is computed or spent.

    Raises:
        PermissionDenied: for operators.
    """
    who_sees_figures(request)
    return _page(request, page.subject(request.GET))


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The runs behind what the last look found.

    Raises:
        PermissionDenied: for operators.
        Http404: nobody has looked yet.
    """
    who_sees_figures(request)
    subject = page.subject(request.GET)
    if subject is None:
        raise Http404(_("Nothing was audited yet."))
    context = calibration_runs.context(subject, Narrowed.of(request.GET))
    return render(request, "operators/calibration/calibration_runs.html", context)


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look at what the audits found, which spends a part of delta if it tests anything.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator, subject = _admins(request)
    try:
        looks.look(version=subject.version, source=subject.source, operator=operator)
    except NotLooked as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(subject.url)


@require_POST
def set_goal(request: HttpRequest) -> HttpResponse:
    """Want something else of the agent, from its next look on.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator, subject = _admins(request)
    form = GoalForm(request.POST, auto_id="goal-%s")
    if not form.is_valid():
        return _page(request, subject, form)
    looks.set_goal(
        version=subject.version,
        operator=operator,
        alpha=form.alpha,
        delta=form.delta,
        error_cost_usd=form.cleaned_data["error_cost"],
    )
    messages.success(request, _("Saved. It counts from the next look on."))
    return HttpResponseRedirect(subject.url)


def _admins(request: HttpRequest) -> tuple[Operator, Subject]:
    """Who asks, and of what."""
    operator = who_changes_policies(request)
    subject = page.subject(request.POST)
    if subject is None:
        raise Http404(_("Nothing was audited yet."))
    return operator, subject


def _page(request: HttpRequest, subject: Subject | None, form: GoalForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {"subject": subject}
    if subject:
        standing = looks.standing(subject.version, subject.source)
        context |= {
            "standing": standing,
            "form": form or GoalForm.of(standing.goal),
            "may_change": may_change_policies(signed_in(request)),
            "sentence": words.sentence(standing),
            "grounds": words.grounds(standing),
            "looks": words.history(standing.looks),
        }
        if standing.last and standing.findings:
            context |= _found(standing.findings, subject, standing.last.alpha)
            context["draft_url"] = subject.draft_url(standing.last)
    return render(request, "operators/calibration/calibration.html", context, status=422 if form else 200)


def _found(found: Findings, subject: Subject, alpha: float) -> dict[str, Any]:
    missing, is_much = words.missing(found.counts)
    ground = words.ground(found)
    return {
        "found": found,
        "missing": missing,
        "much_is_missing": is_much,
        "figures": words.figures(found),
        "tests": _tests(found.choice.tests, subject),
        "charts": charts.charts(found, subject, alpha) if found.n else [],
        "runs_url": Narrowed(ground.threshold if ground else 0).url(subject),
        "wrong_url": Narrowed(only_wrong=True).url(subject),
        "minutes": round((found.seconds or 0) / 60, 1),
        "hourly": round(found.hourly or 0, 2),
        "what_if": words.what_if(found),
        "what_if_place": words.place_of(found),
    }


def _tests(tests: Sequence[Tested], subject: Subject) -> list[tuple[words.Row, str, str]]:
    """Each test with where the runs are that it counted, and where the wrong ones of them."""
    return [
        (row, Narrowed(one.threshold).url(subject), Narrowed(one.threshold, only_wrong=True).url(subject))
        for row, one in zip(words.rows(tests), tests, strict=True)
    ]
