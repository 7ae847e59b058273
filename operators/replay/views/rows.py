"""The cases and runs that the figures of a replay count."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations.models import PolicyReplay, Replay
from escalations.policy.trial import Basis
from escalations.replay.asked import Under
from operators import parameters
from operators.access import who_sees_figures
from operators.policy import trial_words
from operators.replay import policy_rows, routing_replays, routing_rows


@require_GET
def replay_rows(request: HttpRequest, replay_id: int) -> HttpResponse:
    """The cases of a replay of routing that a figure (`counts`) is about, on one `side`.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such replay, or none of its cases are kept.
    """
    who_sees_figures(request)
    replay = get_object_or_404(Replay, pk=replay_id)
    counts, side = (request.GET.get(name, "") for name in ("counts", "side"))
    found = routing_rows.listed(replay, counts=counts, side=side, passed=_passed(request))
    if found is None:
        raise Http404(_("There is no such list."))
    context = {
        "replay": replay,
        "found": found,
        "counts": counts,
        "titles": routing_rows.SIDE_TITLES.values(),
        "place": routing_rows.SIDES.index(side),
        "title": routing_rows.COUNTS[counts],
        "under": "" if counts == routing_rows.OTHERWISE else routing_rows.SIDE_TITLES[side],
        "lists": [
            (name, title, routing_replays.rows_url(replay, name, side))
            for name, title in routing_rows.COUNTS.items()
        ],
        "further": _further(request, found.seen) if found.seen < found.n else "",
    }
    return render(request, "operators/replay/replay_rows.html", context)


@require_GET
def policy_replay_rows(request: HttpRequest, replay_id: int) -> HttpResponse:
    """What a `figure` of a replay of a policy counts `under` one of the sides, or what a `rule` asks for.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such replay, or nothing of that is kept.
    """
    who_sees_figures(request)
    replay = get_object_or_404(
        PolicyReplay.objects.select_related("agent", "agent_version__agent"), pk=replay_id
    )
    asked = {name: request.GET.get(name, "") for name in ("under", "figure", "rule", "subject")}
    found = policy_rows.listed(replay, passed=_passed(request), **asked)
    if found is None or replay.findings is None:
        raise Http404(_("There is no such list."))
    context = {
        "replay": replay,
        "found": found,
        "under": policy_rows.UNDER_TITLES[Under(asked["under"])],
        "notes": list(trial_words.sampled(Basis.of_json(replay.findings["basis"]))),
        "further": _further(request, found.seen) if found.seen < found.n else "",
    }
    return render(request, "operators/replay/policy_replay_rows.html", context)


def _passed(request: HttpRequest) -> int:
    return parameters.number(request.GET.get("passed", "")) or 0


def _further(request: HttpRequest, seen: int) -> str:
    """The query string of the next page."""
    query = request.GET.copy()
    query["passed"] = str(seen)
    return query.urlencode()
