"""How long the desk keeps what it need not keep for ever: what is set, and what that would delete."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from escalations.auditing import audit
from escalations.models import Kept, Queue, RetentionRule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Nobody reads more digits, and a dry run must not take longer the more there is.
COUNTED = 100_000
FOR_EVER = 0
# What is set, by kind and queue; None for the queue is all of them.
Subject = tuple[Kept, int | None]


@dataclass(frozen=True)
class Kind:
    """`default` is in days; fewer than `least` would break what the desk promises or shows."""

    kept: Kept
    default: int
    least: int
    meaning: "StrOrPromise"
    is_by_queue: bool = False


def kinds() -> list[Kind]:
    """All there is to set, in the order in which people think of it."""
    return [
        Kind(
            Kept.CONVERSATIONS,
            FOR_EVER,
            1,
            _("Messages, notes and arguments are deleted. The case, its decision and its labels stay."),
            is_by_queue=True,
        ),
        Kind(
            Kept.RUNS,
            settings.RUNS_KEPT_DAYS,
            1,
            _("Runs with an audit stay. Policies are tried on the last 30 days."),
        ),
        Kind(Kept.CLOSED, 30, 1, _("A case that is reopened later shows less of what became of it.")),
        Kind(Kept.ROUTING, 7, 1, _("Why a case was offered to whom, on its page.")),
        Kind(Kept.NOTICES, 90, 1, _("Read or not.")),
        Kind(
            Kept.STAYS,
            30,
            8,
            _("Figures of occupancy, evenness, lag and re-syncs need those of the period."),
        ),
        Kind(Kept.REPLAYS, 365, 1, _("Links to them lead nowhere then.")),
        Kind(Kept.WEBHOOKS, 30, 6, _("They can be sent again until then. Those on their way stay.")),
        Kind(Kept.RETRIES, 7, 1, _("A request that is sent again later opens a second case.")),
    ]


def days(kept: Kept) -> int:
    """How long something is kept, of all queues together."""
    row = RetentionRule.objects.filter(kept=kept, queue=None).first()
    return row.days if row else _default(kept)


def time(kept: Kept) -> timedelta | None:
    """How long something is kept; None is for ever."""
    set_to = days(kept)
    return timedelta(days=set_to) if set_to != FOR_EVER else None


def rules() -> dict[Subject, int]:
    """What is set or the default of each kind, and what is set for a queue."""
    found = {(kind.kept, None): kind.default for kind in kinds()}
    stored = {(Kept(rule.kept), rule.queue_id): rule.days for rule in RetentionRule.objects.all()}
    return found | stored


def save(wanted: Mapping[Subject, int | None], *, actor: str) -> list[Subject]:
    """Set these, for the sweeps to obey; None takes the rule of a queue away. Gives back what was changed."""
    with transaction.atomic():
        present = rules()
        changed = [subject for subject, days in wanted.items() if present.get(subject) != days]
        for kept, queue_id in changed:
            _set(kept, queue_id, wanted[kept, queue_id])
            target = f"retention:{kept}" + (f":{queue_id}" if queue_id else "")
            audit.write(actor=actor, action="retention.save", target=target)
    return changed


def would_go(subject: Subject, days: int) -> int | None:
    """How many rows the sweeps would delete now if that were set: at most `COUNTED` + 1, None if unknown."""
    kept, queue_id = subject
    if days == FOR_EVER:
        return 0
    count = _counts.get(kept)
    return count(timedelta(days=days), queue_id) if count else None


Count = Callable[[timedelta, int | None], int]
_counts: dict[str, Count] = {}


def counts(kept: Kept) -> Callable[[Count], Count]:
    """Register the function that counts what would go, given the time and the queue, bounded by `counted`."""

    def register(count: Count) -> Count:
        _counts[kept] = count
        return count

    return register


def counted(rows: QuerySet[Any]) -> int:
    """How many there are, up to one more than `COUNTED`."""
    return rows.values("pk")[: COUNTED + 1].count()


def _default(kept: Kept) -> int:
    [default] = [kind.default for kind in kinds() if kind.kept == kept]
    return default


def _set(kept: Kept, queue_id: int | None, days: int | None) -> None:
    if days is None:
        RetentionRule.objects.filter(kept=kept, queue=queue_id).delete()
        return
    queue = Queue.objects.get(pk=queue_id) if queue_id else None
    RetentionRule.objects.update_or_create(kept=kept, queue=queue, defaults={"days": days})
