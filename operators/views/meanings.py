"""What the labels mean and how to give them: in force, before, and a new number in place of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations import guidelines, overrides, taxonomy
from escalations.models import Guideline, Operator, Taxonomy
from escalations.numbered import Outdated
from operators import difference
from operators.access import signed_in
from operators.forms.numbered import GuidelineForm, NumberedForm, TaxonomyForm

Numbered = Taxonomy | Guideline | None
_SHOWN = 100
_NUMBER_ADDRESS = {"taxonomy": "taxonomy_number", "guidelines": "guideline_number"}


@require_GET
def how_to_label(request: HttpRequest) -> HttpResponse:
    """The guideline in force and what the failure modes mean, for beside the labels. Open to everybody."""
    meant = taxonomy.in_force()
    meanings = taxonomy.meanings(meant.pk if meant else None)
    context = {"guideline": guidelines.in_force(), "meanings": meanings}
    return render(request, "operators/_how_to_label.html", context)


@require_http_methods(["GET", "POST"])
def taxonomy_page(request: HttpRequest) -> HttpResponse:
    """What the failure modes mean. POST makes it a new number; `from` begins with an old one.

    Raises:
        PermissionDenied: for operators, and for reviewers who change something.
    """
    operator = _reader(request)
    if request.method == "GET":
        old, note = _begun_with(request, Taxonomy)
        now = taxonomy.in_force()
        content = old.content if old else now.content if now else {}
        form = TaxonomyForm(content=content, based_on=now.number if now else 0, note=note)
        return _taxonomy_page(request, form)
    form = TaxonomyForm(request.POST)
    if not form.is_valid():
        return _taxonomy_page(request, form, status=422)
    try:
        made = taxonomy.save(content=form.content, operator=operator, **_common(form))
    except Outdated as error:
        return _taxonomy_page(request, _rebased(form, error), status=409, changed=error.now)
    messages.success(request, _("Number %(number)s is in force.") % {"number": made.number})
    return HttpResponseRedirect(resolve_url("taxonomy"))


@require_http_methods(["GET", "POST"])
def guideline_page(request: HttpRequest) -> HttpResponse:
    """How to label. POST makes it a new number; `from` begins with an old one.

    Raises:
        PermissionDenied: for operators, and for reviewers who change something.
    """
    operator = _reader(request)
    if request.method == "GET":
        old, note = _begun_with(request, Guideline)
        now = guidelines.in_force()
        begun = old or now
        initial = {"text": begun.text if begun else "", "based_on": now.number if now else 0, "note": note}
        return _guideline_page(request, GuidelineForm(initial=initial))
    form = GuidelineForm(request.POST)
    if not form.is_valid():
        return _guideline_page(request, form, status=422)
    try:
        made = guidelines.save(text=form.cleaned_data["text"], operator=operator, **_common(form))
    except Outdated as error:
        return _guideline_page(request, _rebased(form, error), status=409, changed=error.now)
    messages.success(request, _("Number %(number)s is in force.") % {"number": made.number})
    return HttpResponseRedirect(resolve_url("guidelines"))


@require_POST
def preview_guideline(request: HttpRequest) -> HttpResponse:
    """A guideline as people will read it. Nothing is kept."""
    text = request.POST.get("text", "")[: guidelines.TEXT_MAX]
    return render(request, "operators/_guideline_read.html", {"text": text})


@require_GET
def taxonomy_number(request: HttpRequest, number: int) -> HttpResponse:
    """One taxonomy, and how it differs from another (`against`), else from the one before.

    Raises:
        PermissionDenied: for operators.
    """
    return _number_page(request, Taxonomy, number, title=_("Meaning of the labels"), address="taxonomy")


@require_GET
def guideline_number(request: HttpRequest, number: int) -> HttpResponse:
    """One guideline, and how it differs from another (`against`), else from the one before.

    Raises:
        PermissionDenied: for operators.
    """
    return _number_page(request, Guideline, number, title=_("How to label"), address="guidelines")


def _reader(request: HttpRequest) -> Operator:
    """Whoever may see the page; only admins change what is in force."""
    operator = signed_in(request)
    if not (operator.sees_figures if request.method == "GET" else operator.is_desk_admin):
        raise PermissionDenied
    return operator


def _common(form: NumberedForm) -> dict[str, Any]:
    return {"note": form.cleaned_data["note"], "based_on": form.cleaned_data["based_on"]}


def _begun_with(request: HttpRequest, model: Any) -> tuple[Any, str]:
    """The number that the page begins with, and the note that says so."""
    wanted = request.GET.get("from", "")
    if not wanted:
        return None, ""
    old = _numbered(model, wanted)
    return old, _("Number %(number)s again") % {"number": old.number}


def _numbered(model: Any, number: str) -> Any:
    found = number.isdecimal() and len(number) < 10 and model.objects.filter(number=number).first()
    if not found:
        raise Http404(_("There is no such number."))
    return found


def _rebased(form: NumberedForm, error: Outdated) -> NumberedForm:
    """The form as it was typed: sent again, it changes what is in force now."""
    form.rebase(error.now.number if error.now else 0)
    return form


def _taxonomy_page(
    request: HttpRequest,
    form: NumberedForm,
    *,
    status: int = 200,
    changed: Taxonomy | Guideline | None = None,
) -> HttpResponse:
    more = {"overrides": overrides.by_detector()}
    return _page(request, "taxonomy", form, Taxonomy, status=status, changed=changed, more=more)


def _guideline_page(
    request: HttpRequest,
    form: NumberedForm,
    *,
    status: int = 200,
    changed: Taxonomy | Guideline | None = None,
) -> HttpResponse:
    return _page(request, "guidelines", form, Guideline, status=status, changed=changed)


def _page(
    request: HttpRequest,
    address: str,
    form: NumberedForm,
    model: Any,
    *,
    status: int,
    changed: Numbered,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "made": list(model.objects.select_related("created_by")[:_SHOWN]),
        "number_address": _NUMBER_ADDRESS[address],
        "may_change": signed_in(request).is_desk_admin,
        "changed": _changes(_before(changed), changed) if changed else None,
    }
    return render(request, f"operators/{address}.html", context | (more or {}), status=status)


def _number_page(request: HttpRequest, model: Any, number: int, *, title: str, address: str) -> HttpResponse:
    _reader(request)
    shown = _numbered(model, str(number))
    chosen = request.GET.get("against", "")
    against = _numbered(model, chosen) if chosen else _before(shown)
    made = list(model.objects.all()[: _SHOWN + 1])
    context = {
        "shown": shown,
        "title": title,
        "address": address,
        "is_in_force": shown == made[0],
        "others": [one for one in made if one != shown][:_SHOWN],
        "against": against,
        "chunks": _changes(against, shown),
    }
    return render(request, "operators/number.html", context)


def _before(shown: Any) -> Any:
    """What the number took the place of."""
    return type(shown).objects.filter(number__lt=shown.number).first()


def _changes(before: Any, after: Any) -> list[difference.Chunk]:
    """What changed between two numbers, line by line."""
    return difference.chunks(difference.diff_lines(_value(before), _value(after)))


def _value(row: Any) -> Any:
    if row is None:
        return None
    return row.content if isinstance(row, Taxonomy) else row.text
