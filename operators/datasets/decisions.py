"""The decisions behind the figures of datasets: what a filter finds, and what a version left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy

from escalations.datasets.filters import UNTRAINABLE, Filter
from escalations.models import DatasetVersion, Resolution
from escalations.models.resolutions import ResolutionQuerySet
from operators import parameters

PAGE = 50
TRAINABLE = "trainable"
_READ = (
    *("created_at", "decision", "agent_correct", "case__headline"),
    *("case__queue__name", "case__agent_version__name", "case__agent_version__agent__name"),
)
LEFT_OUT = {
    # Versions built by older releases do not tell these apart.
    "not_allowed": gettext_lazy(
        "unsure or unresolvable, not for training, an audit, or decided by no person"
    ),
    "nobody": gettext_lazy("decided by no person"),
    "audit": gettext_lazy("an audit, by which the agent is measured"),
    "forbidden": gettext_lazy("labelled as not for training"),
    "unresolvable": gettext_lazy("labelled as unresolvable"),
    "unsure": gettext_lazy("unsure whether the agent was right"),
    "changed": gettext_lazy(
        "allowed under newer rules of redaction than are in use, or changed during the build"
    ),
    "paths": gettext_lazy(
        "what its agent wants hidden could not be told: a path in sensitive_paths cannot be read"
    ),
    "duplicate": gettext_lazy("says exactly what an earlier row says"),
    "near": gettext_lazy("nearly says what an earlier row says"),
    "time": gettext_lazy("on the wrong side of the forward test for whom it is about"),
}


@dataclass(frozen=True)
class Listed:
    """A decision of the list; None of one that is forgotten by now."""

    case_id: UUID
    decision: Resolution | None


@dataclass(frozen=True)
class Page:
    """Some of the decisions in their order, and the key of the next page, or empty."""

    rows: Sequence[Listed]
    next: str


def found(wanted: Filter, why: str, after: str) -> Page:
    """What a filter finds now: all, what may train (`TRAINABLE`), or what may not, for one reason."""
    decisions = _behind(_chosen(wanted, why), after)
    page = list(_with_words(decisions)[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return Page(
        [Listed(one.case_id, one) for one in page[:PAGE]],
        str(last.pk) if last else "",
    )


def left_out(version: DatasetVersion, why: str, after: str) -> Page:
    """What was left out when the version was built, as far as it is kept."""
    rows = version.left_out.filter(why=why, id__gt=parameters.number(after) or 0).order_by("id")
    page = list(rows[: PAGE + 1])
    known = _with_words(Resolution.objects.all()).in_bulk([row.resolution for row in page[:PAGE]])
    return Page(
        [Listed(row.case, known.get(row.resolution)) for row in page[:PAGE]],
        str(page[PAGE - 1].pk) if len(page) > PAGE else "",
    )


def reasons_with_rows(version: DatasetVersion, reasons: Iterable[str]) -> set[str]:
    """Of which of these reasons it was kept what was left out: older versions only say how many."""
    return {why for why in reasons if version.left_out.filter(why=why).exists()}


def _chosen(wanted: Filter, why: str) -> ResolutionQuerySet:
    if why == TRAINABLE:
        return wanted.trainable()
    return wanted.left_out(why) if why in UNTRAINABLE else wanted.decided()


def _behind(decisions: ResolutionQuerySet, after: str) -> ResolutionQuerySet:
    last = parameters.uuid(after)
    place = last and Resolution.objects.filter(pk=last).values_list("created_at", "id").first()
    return decisions.behind(*place) if place else decisions


def _with_words(decisions: ResolutionQuerySet) -> ResolutionQuerySet:
    return decisions.select_related("case__queue", "case__agent_version__agent").only(*_READ)
