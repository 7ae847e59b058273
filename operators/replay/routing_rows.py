"""The cases of a replay of routing, one by one: what became of each as it was, as set up, and as tried."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Escalation, Replay, ReplayRows
from escalations.replay import fates
from escalations.replay.fates import Fate, How, Played
from operators.rendering.formatting import duration

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE = 50
RECORDED, AS_IS, TRIED = SIDES = ("recorded", "as_is", "tried")
OTHERWISE = "otherwise"
SIDE_TITLES: Mapping[str, "StrOrPromise"] = {
    RECORDED: gettext_lazy("As recorded"),
    AS_IS: gettext_lazy("Replayed as set up"),
    TRIED: gettext_lazy("Replayed as tried"),
}
# What a list has of the cases, by what became of them on one side.
_BY_FATE: Mapping[str, Callable[[Fate], bool]] = {
    "in_time": lambda fate: fate.is_in_time,
    "late": lambda fate: fate.is_late,
    "picked_up": lambda fate: fate.how is How.PICKED_UP,
    "left": lambda fate: fate.how is How.LEFT,
    "still": lambda fate: fate.how is How.STILL,
}
COUNTS: Mapping[str, "StrOrPromise"] = {
    "in_time": gettext_lazy("Picked up in time"),
    "late": gettext_lazy("Too late"),
    "picked_up": gettext_lazy("Picked up"),
    "left": gettext_lazy("Left before anybody took them"),
    "still": gettext_lazy("Still waiting at the end"),
    OTHERWISE: gettext_lazy("Otherwise than as set up"),
}


@dataclass(frozen=True)
class Row:
    """A case with what became of it on each side; None of one that is forgotten by now."""

    case: Escalation | None
    told: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Listed:
    """A page of the cases, those that waited longest first; `n` are all, `passed` come before this page."""

    rows: Sequence[Row]
    n: int
    passed: int

    @property
    def seen(self) -> int:
        return self.passed + len(self.rows)


def listed(replay: Replay, *, counts: str, side: str, passed: int) -> Listed | None:
    """The cases that a figure is about; None where nothing of that is kept."""
    kept = ReplayRows.objects.filter(replay=replay).first()
    if kept is None or counts not in COUNTS or side not in SIDES:
        return None
    at = SIDES.index(side)
    chosen = [case for case in fates.unpacked(kept.rows) if _is_counted(case, counts, at)]
    chosen.sort(key=lambda case: (-case.fates[at].seconds, case.id))
    page = chosen[passed : passed + PAGE]
    known = Escalation.objects.select_related("queue", "agent_version__agent").in_bulk(
        [UUID(case.id) for case in page]
    )
    rows = [Row(known.get(UUID(case.id)), [_told(fate) for fate in case.fates]) for case in page]
    return Listed(rows, len(chosen), passed)


def _is_counted(case: Played, counts: str, at: int) -> bool:
    if counts == OTHERWISE:
        as_is, tried = (case.fates[SIDES.index(side)] for side in (AS_IS, TRIED))
        return as_is != tried
    return _BY_FATE[counts](case.fates[at])


def _told(fate: Fate) -> tuple[str, bool]:
    """What became of a case in words, and whether that is too late."""
    words = {
        How.PICKED_UP: _("picked up after %(time)s"),
        How.LEFT: _("left after %(time)s"),
        How.STILL: _("still waiting after %(time)s"),
    }
    return words[fate.how] % {"time": duration(fate.seconds)}, fate.is_late
