"""Macros: their pages, and what of them the page of a case shows."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.auditing import audit
from escalations.models import Escalation, Operator
from operators.access import get_case_for, signed_in
from operators.answers import go
from operators.macros import filling
from operators.macros.forms import MacroForm
from operators.models import Macro

_LATEST = 500


@require_GET
def macro_list(request: HttpRequest) -> HttpResponse:
    """The person's macros and the shared ones."""
    operator = signed_in(request)
    own, shared = filling.by_owner(operator)
    context = {"own": own, "shared": shared, "may_share": filling.may_share(operator)}
    return render(request, "operators/macros/macros.html", context)


@require_http_methods(["GET", "POST"])
def edit_macro(request: HttpRequest, macro_id: int | None = None) -> HttpResponse:
    """Write a macro, a new one without `macro_id`.

    Raises:
        PermissionDenied: a shared one, for operators.
    """
    operator = signed_in(request)
    macro = None if macro_id is None else _get(operator, macro_id)
    form = MacroForm(operator, request.POST if request.method == "POST" else None, macro=macro)
    if request.method == "POST" and form.is_valid() and _save(form):
        messages.success(request, _("“%(macro)s” is saved.") % {"macro": form.macro})
        return go(request, "macros")
    context = _page_context(operator, form) | {"macro": macro}
    return render(request, "operators/macros/macro.html", context, status=422 if form.errors else 200)


@require_POST
def delete_macro(request: HttpRequest, macro_id: int) -> HttpResponse:
    """Remove a macro for good.

    Raises:
        PermissionDenied: a shared one, for operators.
    """
    operator = signed_in(request)
    macro = _get(operator, macro_id)
    _audit(operator, "macro_deleted", macro)
    macro.delete()
    messages.success(request, _("“%(macro)s” is deleted.") % {"macro": macro})
    return go(request, "macros")


@require_POST
def preview_macro(request: HttpRequest) -> HttpResponse:
    """What the macro in the form would fill in on the latest case that it is for."""
    operator = signed_in(request)
    form = MacroForm(operator, request.POST)
    form.is_valid()
    return render(request, "operators/macros/_macro_preview.html", _preview(operator, form))


@require_GET
def case_macros(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The macros for a case, filled, for its decision form."""
    operator = signed_in(request)
    case = get_case_for(operator, case_id)
    return render(
        request, "operators/macros/_macros.html", {"case": case, "found": filling.fitting(operator, case)}
    )


@require_POST
def keep_as_macro(request: HttpRequest) -> HttpResponse:
    """Keep the decision form as it is typed as a macro of the person's own."""
    operator = signed_in(request)
    form = MacroForm(operator, request.POST.dict() | {"key": "", "name": request.POST.get("macro_name", "")})
    kept = form.is_valid() and _save(form)
    return render(request, "operators/macros/_macro_kept.html", {"form": form, "kept": kept})


def _get(operator: Operator, macro_id: int) -> Macro:
    macro = filling.usable_by(operator).filter(pk=macro_id).first()
    if macro is None:
        raise Http404(_("There is no such macro."))
    if not filling.may_change(operator, macro):
        raise PermissionDenied
    return macro


def _save(form: MacroForm) -> bool:
    """Whether it was saved; not if another of this name or key was first."""
    try:
        with transaction.atomic():
            macro = form.filled_macro()
            macro.save()
            _audit(form.operator, "macro_saved", macro)
    except IntegrityError:
        form.add_error("name", _("There is a macro of this name or key already."))
        return False
    return True


def _audit(operator: Operator, action: str, macro: Macro) -> None:
    """What everybody may come to send is changed under a name; one's own macros are one's own."""
    if macro.owner_id is None:
        audit.write(actor=audit.operator_actor(operator), action=action, target=f"macro:{macro.pk}")


def _page_context(operator: Operator, form: MacroForm) -> dict[str, object]:
    return {"form": form, "variables": filling.VARIABLES} | _preview(operator, form)


def _sample(operator: Operator, kinds: Sequence[str]) -> Escalation | None:
    """The latest case of these kinds that the person may see, if it is among the latest of the desk."""
    latest = Escalation.objects.order_by("-received_at").values_list("id", "kind")[:_LATEST]
    found = [id_ for id_, kind in latest if not kinds or kind in kinds]
    seen = Escalation.objects.visible_to(operator).filter(id__in=found)
    return seen.select_related("agent_version__agent", "handoff").order_by("-received_at").first()


def _preview(operator: Operator, form: MacroForm) -> dict[str, object]:
    """The macro on a sample case; before anything was sent, the macro as it is kept."""
    fields = {name: str(form[name].value() or "") for name in filling.FIELDS}
    kinds = form["kinds"].value()
    case = _sample(operator, kinds)
    values = filling.values_of(case, case.handoff.payload, operator) if case else {"me": str(operator)}
    return {"sample": case, "filled": filling.fill(Macro(fields=fields), values), "errors": form.errors}
