"""What the labels mean and how to give them: in force, before, and a new number in place of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.labels import guidelines, overrides, taxonomy
from escalations.models import Guideline, Operator, Taxonomy
from escalations.numbered import Outdated
from operators import number_pages, parameters
from operators.access import signed_in, who_sees_figures
from operators.labels.forms.numbered import GuidelineForm, TaxonomyForm
from operators.rendering.difference import Chunk


@dataclass(frozen=True)
class _Kind:
    """What is numbered: its pages `name` and `number_page`, its form, and how a number of it is saved."""

    model: type[Taxonomy] | type[Guideline]
    form: type[TaxonomyForm] | type[GuidelineForm]
    save: Callable[..., Taxonomy | Guideline]
    title: Promise
    name: str
    number_page: str

    def number_url(self, number: int) -> str:
        return resolve_url(self.number_page, number)


_TAXONOMY = _Kind(
    Taxonomy,
    TaxonomyForm,
    taxonomy.save,
    gettext_lazy("Meaning of the labels"),
    "taxonomy",
    "taxonomy_number",
)
_GUIDELINE = _Kind(
    Guideline,
    GuidelineForm,
    guidelines.save,
    gettext_lazy("How to label"),
    "guidelines",
    "guideline_number",
)


@require_GET
def how_to_label(request: HttpRequest) -> HttpResponse:
    """The guideline in force and what the failure modes mean, for beside the labels. Open to everybody."""
    meant = taxonomy.in_force()
    meanings = taxonomy.meanings(meant.pk if meant else None)
    context = {"guideline": guidelines.in_force(), "meanings": meanings}
    return render(request, "operators/labels/_how_to_label.html", context)


@require_http_methods(["GET", "POST"])
def taxonomy_page(request: HttpRequest) -> HttpResponse:
    """What the failure modes mean. POST makes it a new number; `from` begins with an old one.

    Raises:
        PermissionDenied: for operators, and for reviewers who change something.
    """
    return _answer(request, _TAXONOMY)


@require_http_methods(["GET", "POST"])
def guideline_page(request: HttpRequest) -> HttpResponse:
    """How to label. POST makes it a new number; `from` begins with an old one.

    Raises:
        PermissionDenied: for operators, and for reviewers who change something.
    """
    return _answer(request, _GUIDELINE)


@require_POST
def preview_guideline(request: HttpRequest) -> HttpResponse:
    """A guideline as people will read it. Nothing is kept."""
    text = request.POST.get("text", "")[: guidelines.TEXT_MAX]
    return render(request, "operators/labels/_guideline_read.html", {"text": text})


@require_GET
def taxonomy_number(request: HttpRequest, number: int) -> HttpResponse:
    """One taxonomy, and how it differs from another (`against`), else from the one before.

    Raises:
        PermissionDenied: for operators.
    """
    return _number(request, _TAXONOMY, number)


@require_GET
def guideline_number(request: HttpRequest, number: int) -> HttpResponse:
    """One guideline, and how it differs from another (`against`), else from the one before.

    Raises:
        PermissionDenied: for operators.
    """
    return _number(request, _GUIDELINE, number)


def _reader(request: HttpRequest) -> Operator:
    """Whoever may see the page; only admins change what is in force."""
    operator = who_sees_figures(request)
    if request.method != "GET" and not operator.is_desk_admin:
        raise PermissionDenied
    return operator


def _answer(request: HttpRequest, kind: _Kind) -> HttpResponse:
    operator = _reader(request)
    if request.method == "GET":
        return _page(request, kind, _first_form(request, kind))
    form = kind.form(request.POST)
    if not form.is_valid():
        return _page(request, kind, form, status=422)
    based_on = form.cleaned_data["based_on"]
    now = kind.model._default_manager.first()
    if now and now.number == based_on and number_pages.content(now) == form.content:
        messages.info(request, _("Nothing differs from what is in force, so nothing was saved."))
        return HttpResponseRedirect(resolve_url(kind.name))
    try:
        made = kind.save(form.content, note=form.cleaned_data["note"], operator=operator, based_on=based_on)
    except Outdated as error:
        # Sent again, what was typed changes what is in force now.
        form.rebase(error.now.number if error.now else 0)
        before = kind.model._default_manager.filter(number=based_on).first()
        changed = number_pages.changed_since(before, error.now)
        return _page(request, kind, form, status=409, changed=changed)
    messages.success(request, _("Number %(number)s is in force.") % {"number": made.number})
    return HttpResponseRedirect(resolve_url(kind.name))


def _first_form(request: HttpRequest, kind: _Kind) -> TaxonomyForm | GuidelineForm:
    """What is in force, or an old number and the note that says so."""
    now = kind.model._default_manager.first()
    based_on = now.number if now else 0
    wanted = request.GET.get("from", "")
    if not wanted:
        return kind.form(content=number_pages.content(now), based_on=based_on)
    old = _numbered(kind, wanted)
    note = _("Number %(number)s again") % {"number": old.number}
    return kind.form(content=number_pages.content(old), based_on=based_on, note=note)


def _numbered(kind: _Kind, number: str) -> Any:
    wanted = parameters.number(number)
    found = kind.model._default_manager.filter(number=wanted).first() if wanted is not None else None
    if found is None:
        raise Http404(_("There is no such number."))
    return found


def _page(
    request: HttpRequest,
    kind: _Kind,
    form: TaxonomyForm | GuidelineForm,
    *,
    status: int = 200,
    changed: Sequence[Chunk] = (),
) -> HttpResponse:
    made = list(kind.model._default_manager.select_related("created_by")[: number_pages.SHOWN])
    context = {
        "form": form,
        "made": number_pages.history(made, kind.number_url),
        "in_force": made[0] if made else None,
        "may_change": signed_in(request).is_desk_admin,
        "changed": changed,
        "overrides": overrides.by_detector() if kind is _TAXONOMY else (),
    }
    return render(request, f"operators/labels/{kind.name}.html", context, status=status)


def _number(request: HttpRequest, kind: _Kind, number: int) -> HttpResponse:
    operator = _reader(request)
    made = kind.model._default_manager.all()
    shown = _numbered(kind, str(number))
    chosen = request.GET.get("against", "")
    against = _numbered(kind, chosen) if chosen else made.filter(number__lt=number).first()
    compared = number_pages.comparison(shown, against=against, others=made.exclude(pk=shown.pk))
    is_in_force = shown == made.first()
    back_url = resolve_url(kind.name)
    more = {
        "title": kind.title,
        "is_in_force": is_in_force,
        "back_url": back_url,
        "restore_url": "" if is_in_force or not operator.is_desk_admin else f"{back_url}?from={number}",
    }
    return render(request, "operators/number.html", compared | more)
