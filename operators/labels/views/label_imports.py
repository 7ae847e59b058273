"""Labels that were made elsewhere, for admins: send a file, watch it being read, see what was refused."""

from collections.abc import Iterator

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from escalations import nudges
from escalations.auditing import audit
from escalations.labels import label_import
from escalations.labels.label_import.refusals import listed
from escalations.models import LabelImport, Operator
from operators.access import who_makes_datasets
from operators.labels.forms.label_import import LabelImportForm
from operators.rendering.csv_files import line
from operators.rendering.streaming import csv_file

_SHOWN, _REFUSALS_SHOWN = 50, 100
_EXAMPLE = """\
{"resolution": "0199…", "labels": {"agent_correct": "no", "failure_primary": "edge_case"}}
{"case": "0199…", "labels": {"must": ["Ask for the order number."], "first_error_index": 2}}"""


@require_http_methods(["GET", "POST"])
def label_imports(request: HttpRequest) -> HttpResponse:
    """The newest imports, and a form for one more.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_makes_datasets(request)
    form = LabelImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        begun = _begin(form, operator)
        if begun is not None:
            return HttpResponseRedirect(reverse("label_import", args=[begun.pk]))
    imports = LabelImport.objects.select_related("operator")[:_SHOWN]
    context = {"form": form, "imports": imports, "example": _EXAMPLE}
    return render(request, "operators/labels/label_imports.html", context, status=422 if form.errors else 200)


@require_GET
def label_import_page(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: how far it is, and the first things that were refused.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such import.
    """
    who_makes_datasets(request)
    found = get_object_or_404(LabelImport.objects.select_related("operator"), pk=import_id)
    shown = [(each, label_import.told(each)) for each in found.refusals.all()[:_REFUSALS_SHOWN]]
    return render(request, "operators/labels/label_import.html", {"label_import": found, "refusals": shown})


@require_GET
def label_import_state(request: HttpRequest, import_id: int) -> HttpResponse:
    """How far an import is, for a page that waits for it; when it is over, the page comes anew.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such import.
    """
    who_makes_datasets(request)
    found = get_object_or_404(LabelImport, pk=import_id)
    if not found.is_unread:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "operators/labels/_label_import_state.html", {"label_import": found})


@require_GET
def label_import_refusals(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """All that was refused, as CSV: line, place and reason.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such import.
    """
    operator = who_makes_datasets(request)
    found = get_object_or_404(LabelImport, pk=import_id)
    actor = audit.operator_actor(operator)
    audit.write(actor=actor, action="export", target=f"label_import:{found.pk}")
    return csv_file(request, _rows(found), f"import-{found.pk}-refused")


@require_GET
def label_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of a line.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_makes_datasets(request)
    name = 'attachment; filename="labels.schema.json"'
    return JsonResponse(
        label_import.SCHEMA, json_dumps_params={"indent": 2}, headers={"Content-Disposition": name}
    )


def _begin(form: LabelImportForm, operator: Operator) -> LabelImport | None:
    """The import that the form asks for, or None, with what is wrong said in the form."""
    cleaned = form.cleaned_data
    try:
        begun = label_import.start(
            cleaned["file"].read(),
            operator=operator,
            actor=audit.operator_actor(operator),
            source=cleaned["source"],
            all_or_nothing=cleaned["all_or_nothing"],
            over_settled=cleaned["over_settled"],
        )
    except label_import.UnusableFile as error:
        form.add_error("file", str(error))
        return None
    transaction.on_commit(nudges.import_labels_soon)
    return begun


def _rows(found: LabelImport) -> Iterator[bytes]:
    yield line([_("Line"), _("Place"), _("Reason")])
    for refusal in listed(found):
        yield line([refusal.line, refusal.pointer, label_import.told(refusal)])
