"""Decisions with all that rows are made of, read in batches that keep memory flat however many and large."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Func, IntegerField

from escalations.models import Resolution
from escalations.models.resolutions import ResolutionQuerySet

# How many are read at once, and how many bytes of handoffs if there is more than one: a handoff may have
# 4 MiB, and takes many times that once it is read.
BATCH = 100
BATCH_BYTES = 4 * 1024 * 1024


class _Next(NamedTuple):
    """A decision that comes next, and the length of its handoff in bytes."""

    id: UUID
    created_at: datetime
    bytes: int


def in_batches(resolutions: ResolutionQuerySet, size: int | None = None) -> Iterator[list[Resolution]]:
    """The decisions with their parts, in the order of deciding: at most `size` at a time, else `BATCH`.

    Fewer come where their handoffs are large. A batch is let go when the next is asked for: read what you
    need of it before.
    """
    after: _Next | None = None
    ordered = resolutions.order_by("created_at", "id")
    while coming := _fitting(_behind(ordered, after, limit=size or BATCH)):
        batch = list(with_parts(ordered).filter(id__in=[each.id for each in coming]))
        yield batch
        let_go(batch)
        after = coming[-1]


def _behind(resolutions: ResolutionQuerySet, last: _Next | None, *, limit: int) -> list[_Next]:
    if last is not None:
        resolutions = resolutions.behind(last.created_at, last.id)
    bytes_ = _length("case__handoff__body") + _length("case__handoff__normalised_messages")
    found = resolutions.annotate(bytes=bytes_).values_list("id", "created_at", "bytes")
    return [_Next(*row) for row in found[:limit]]


def _length(field: str) -> Func:
    """Of a text in bytes, which PostgreSQL knows without reading it."""
    return Func(F(field), function="octet_length", output_field=IntegerField())


def _fitting(coming: list[_Next]) -> list[_Next]:
    """As many from the front as may be read at once; at least one, if there is one."""
    left = BATCH_BYTES
    for place, each in enumerate(coming):
        left -= each.bytes
        if left < 0:
            return coming[: max(place, 1)]
    return coming


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
