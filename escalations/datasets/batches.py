"""Decisions with all that rows are made of, read in batches that keep memory flat however many there are."""

from collections.abc import Iterable, Iterator

from django.db.models import Q

from escalations.models import Resolution
from escalations.models.resolutions import ResolutionQuerySet

# A handoff may have 4 MiB, and one statement 10 s.
BATCH = 100


def in_batches(resolutions: ResolutionQuerySet, size: int | None = None) -> Iterator[list[Resolution]]:
    """The decisions with their parts, in the order of deciding: `size` at a time, else `BATCH`.

    A batch is let go when the next is asked for: read what you need of it before.
    """
    after: Resolution | None = None
    ordered = with_parts(resolutions).order_by("created_at", "id")
    while batch := list(_behind(ordered, after)[: size or BATCH]):
        yield batch
        let_go(batch)
        after = batch[-1]


def _behind(resolutions: ResolutionQuerySet, last: Resolution | None) -> ResolutionQuerySet:
    if last is None:
        return resolutions
    # The first part is redundant with the rest, but it is what the index can start from.
    later = Q(created_at__gt=last.created_at) | Q(id__gt=last.id)
    return resolutions.filter(Q(created_at__gte=last.created_at) & later)


def with_parts(resolutions: ResolutionQuerySet) -> ResolutionQuerySet:
    """With all that `example_of` and the formats read: three statements, however many there are."""
    parts = ("case__handoff", "case__agent", "case__agent_version", "case__queue")
    return resolutions.select_related(*parts).prefetch_related("case__turns_since", "revisions")


def let_go(resolutions: Iterable[Resolution]) -> None:
    """Forget what was read with these decisions.

    A case and its handoff hold each other, as do a decision and its revisions. Such circles, texts and all,
    stay in memory until the garbage collector looks at everything that a process holds, which is seldom.
    """
    for resolution in resolutions:
        for row in (resolution.case, resolution):
            vars(row).pop("_prefetched_objects_cache", None)
            row._state.fields_cache.clear()
