"""Labels of a decision as somebody changes them: kept while they type, there again when they come back."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _

from escalations.models import Operator, Resolution, RevisionKind
from operators import drafts


def keep(
    request: HttpRequest, operator: Operator, resolution: Resolution, kind: RevisionKind, *, page: str
) -> HttpResponse:
    """Keep the form as typed; with `discard`, forget it and go back to `page`.

    409 once the person has put other labels in force since.
    """
    if "discard" in request.POST:
        drafts.forget_labels(resolution, operator, kind)
        return HttpResponseRedirect(page)
    if not drafts.save_labels(resolution, operator, kind, request.POST):
        return JsonResponse({"detail": _("You have saved these labels.")}, status=409)
    return HttpResponse(status=204)
