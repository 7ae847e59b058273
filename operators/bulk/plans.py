"""Many cases at once: what would happen, then what did."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from escalations import transitions
from escalations.models import Escalation, Operator, Resolution
from escalations.transitions import LeaseLost, TransitionError
from operators import parameters
from operators.bulk.base import Bulk

# So many can be chosen at one time.
MOST = 100
_TOLD = 5


@dataclass(frozen=True)
class LeftOut:
    """A case that nothing happens to, and why."""

    headline: str
    why: str


@dataclass(frozen=True)
class Plan:
    """The cases that it will be done with, and the others. `missing` are not this person's to see."""

    cases: Sequence[Escalation]
    left_out: Sequence[LeftOut]
    missing: int

    @property
    def total(self) -> int:
        return len(self.cases) + len(self.left_out) + self.missing


@dataclass(frozen=True)
class Summary:
    """What was done, for one toast."""

    text: str
    is_whole: bool


def plan(operator: Operator, form: Bulk, ids: Sequence[UUID]) -> Plan:
    """What would happen to the cases `ids` now, in their order."""
    wanted = list(dict.fromkeys(ids))[:MOST]
    visible = Escalation.objects.visible_to(operator).with_liveness()
    found = form.look(visible.select_related("holder", "handoff", "queue")).in_bulk(wanted)
    cases = [found[one] for one in wanted if one in found]
    obstacles = {case.pk: form.obstacle(case) for case in cases}
    return Plan(
        cases=[case for case in cases if not obstacles[case.pk]],
        left_out=[LeftOut(case.headline, obstacles[case.pk]) for case in cases if obstacles[case.pk]],
        missing=len(wanted) - len(cases),
    )


def carry_out(form: Bulk, planned: Plan) -> Summary:
    """Do it with each case by itself; what is refused holds up none of the others."""
    refused = []
    for case in planned.cases:
        try:
            form.act(case)
        except TransitionError as error:
            refused.append(LeftOut(case.headline, str(error)))
    done = len(planned.cases) - len(refused)
    others = [*refused, *planned.left_out]
    text = str(form.done % {"count": done, "total": planned.total})
    if others or planned.missing:
        text = f"{text} {_reasons(others, planned.missing)}"
    return Summary(text, not others and not planned.missing)


def take_back(operator: Operator, decided: Collection[UUID], freely: Collection[UUID]) -> Summary:
    """Undo the decisions `decided` that can be undone yet, those first that go to their agents first.

    Cases that were nobody's before, of the decisions `freely`, wait in the queue again.
    """
    mine = Resolution.objects.filter(id__in=list(decided)[:MOST], operator=operator).select_related("case")
    found = list(mine.order_by("case__dispatch_at", "id"))
    refused = []
    for resolution in found:
        try:
            lease = transitions.undo(resolution_id=resolution.id, operator=operator).lease
        except TransitionError as error:
            refused.append(LeftOut(resolution.case.headline, str(error)))
            continue
        if resolution.id in freely:
            with suppress(LeaseLost):
                transitions.release(lease=lease)
    text = _("%(count)s of %(total)s decisions taken back; their agents have seen nothing of them.")
    text = text % {"count": len(found) - len(refused), "total": len(found)}
    return Summary(f"{text} {_reasons(refused, 0)}" if refused else text, bool(found) and not refused)


def _reasons(others: Sequence[LeftOut], missing: int) -> str:
    told = [f"{_short(one.headline)}: {one.why}" for one in others[:_TOLD]]
    if len(others) > _TOLD:
        told.append(_("And %(count)s more.") % {"count": len(others) - _TOLD})
    if missing:
        told.append(_("%(count)s not there any more.") % {"count": missing})
    return _("Not: %(reasons)s") % {"reasons": " ".join(told)}


def _short(headline: str) -> str:
    return headline if len(headline) <= 40 else f"{headline[:39]}…"


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """The ids in what a browser sent; what is none is left out."""
    return [found for text in texts if (found := parameters.uuid(text))]
