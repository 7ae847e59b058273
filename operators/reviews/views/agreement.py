"""How far people agree who labelled the same decision apart from each other."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.reviews.comparing import FIELDS
from escalations.sla import clocks
from operators.access import who_sees_figures
from operators.reviews.pages import meanings
from operators.reviews.words import Words

if TYPE_CHECKING:
    from operators.reviews.agreement_page import Choice

_SHOWN = 200


@require_GET
def agreement(request: HttpRequest) -> HttpResponse:
    """Every label, and one of them by person and by week.

    Raises:
        PermissionDenied: for operators.
    """
    # It computes with numpy, which few pages need.
    from operators.reviews import agreement_page as page

    operator = who_sees_figures(request)
    choice, zone = page.Choice.of(request.GET), ZoneInfo(operator.timezone)
    found = choice.pairs(clocks.database_now(), zone)
    by_week, chart = page.by_week(found, choice, zone)
    context = {
        "count": len(found),
        "enough": metrics.ENOUGH,
        "periods": page.PERIODS.items(),
        "weeks": choice.weeks,
        "fields": FIELDS,
        "field": choice.field,
        "by_field": page.by_field(found, choice),
        "by_person": page.by_person(found, choice),
        "by_week": by_week,
        "chart": chart,
    }
    return render(request, "operators/reviews/agreement.html", context)


@require_GET
def pair_list(request: HttpRequest) -> HttpResponse:
    """The pairs behind a figure, and what each of the two said.

    Raises:
        PermissionDenied: for operators.
    """
    # As above.
    from operators.reviews import agreement_page as page

    operator = who_sees_figures(request)
    choice = page.Choice.of(request.GET)
    found = page.counting(choice, clocks.database_now(), ZoneInfo(operator.timezone))
    words = Words([], meanings())
    said = [
        (pair, words.said(choice.field, pair.first), words.said(choice.field, pair.second))
        for pair in found[:_SHOWN]
    ]
    context = {
        "field": choice.field,
        "narrowed": page.narrowed_words(choice),
        "back": choice.url,
        "choices": _which(choice),
        "rows": said,
        "count": len(found),
    }
    return render(request, "operators/reviews/pairs.html", context)


def _which(choice: "Choice") -> list[tuple[str, str, bool]]:
    """All pairs, or those that differ: address, words, and whether it is what the page shows."""
    kept = choice.narrowed()
    differing = choice.pairs_url(choice.field, **kept, only="differing")
    return [
        (choice.pairs_url(choice.field, **kept), _("All"), not choice.only_differing),
        (differing, _("Differing"), choice.only_differing),
    ]
