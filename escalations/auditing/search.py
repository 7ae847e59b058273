"""Entries of the audit log by who, what, which row, when and in which request: newest first, in pages.

Each question is answered by an index. Times are looked up in the seals, which know the ids of a time, so the
log, which every change writes to, carries no index for them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from escalations.models import ApiKey, AuditEntry, AuditSeal, Operator, ReportKey

_CHUNK = 2_000
# An entry bears the time at which its transaction began, and its id comes later.
_LONGEST_TRANSACTION = timedelta(hours=1)


@dataclass(frozen=True)
class Search:
    """What is looked for; what is empty stands for anything. `until` is not in it."""

    actors: tuple[str, ...] = ()
    action: str = ""
    target: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def entries(self) -> "QuerySet[AuditEntry]":
        """The entries, newest first."""
        exact = {"action": self.action, "target": self.target, "request_id": self.request_id}
        found = AuditEntry.objects.filter(**{field: value for field, value in exact.items() if value})
        if self.actors:
            found = found.filter(actor__in=self.actors)
        if self.since:
            found = found.filter(created_at__gte=self.since, id__gt=_last_before(self.since))
        if self.until:
            found = found.filter(created_at__lt=self.until)
            if (first := _first_after(self.until)) is not None:
                found = found.filter(id__lt=first)
        return found.order_by("-id")

    def page(self, *, before: int | None, size: int) -> list[AuditEntry]:
        """The `size` entries that follow on id `before`, or the newest."""
        found = self.entries()
        return list((found.filter(id__lt=before) if before else found)[:size])

    def rows(self) -> Iterator[AuditEntry]:
        """All of them, read in steps."""
        before = None
        while step := self.page(before=before, size=_CHUNK):
            yield from step
            before = step[-1].id


def actors_called(name: str) -> tuple[str, ...]:
    """The actors that a person may mean: who signs in so, an agent with its keys, or an actor."""
    if not name or ":" in name:
        return (name,) if name else ()
    if operator := Operator.objects.filter(username__iexact=name).first():
        return (f"operator:{operator.pk}",)
    keys = ApiKey.objects.filter(agent__name=name).values_list("prefix", flat=True)
    return (f"agent:{name}", *(f"key:{prefix}" for prefix in keys), name)


def target_called(name: str) -> str:
    """The target that a person may mean: the bare id of a case, else the words themselves."""
    try:
        return f"case:{UUID(name)}"
    except ValueError:
        return name


def names_of(actors: Collection[str]) -> dict[str, str]:
    """How people call these actors, as far as they are operators or keys."""
    operators = Operator.objects.filter(pk__in=_numbers("operator", actors))
    keys = ApiKey.objects.filter(prefix__in=_of_kind("key", actors)).select_related("agent")
    reports = ReportKey.objects.filter(pk__in=_numbers("reportkey", actors))
    return {
        **{f"operator:{one.pk}": str(one) for one in operators},
        **{f"key:{key.prefix}": f"{key.agent.name}, {key.name}" for key in keys},
        **{f"reportkey:{key.pk}": key.name for key in reports},
    }


def _numbers(kind: str, actors: Collection[str]) -> list[int]:
    return [int(one) for one in _of_kind(kind, actors) if one.isdecimal()]


def _of_kind(kind: str, actors: Collection[str]) -> list[str]:
    return [actor.removeprefix(f"{kind}:") for actor in actors if actor.startswith(f"{kind}:")]


def _last_before(since: datetime) -> int:
    """The last entry of a seal that is older as a whole, by more than any transaction takes."""
    older = AuditSeal.objects.filter(newest_at__lt=since - _LONGEST_TRANSACTION)
    return older.order_by("-newest_at").values_list("last_id", flat=True).first() or 0


def _first_after(until: datetime) -> int | None:
    """The first entry of a seal that is newer as a whole, likewise; None if there is no such seal."""
    newer = AuditSeal.objects.filter(oldest_at__gte=until + _LONGEST_TRANSACTION)
    return newer.order_by("oldest_at").values_list("first_id", flat=True).first()
