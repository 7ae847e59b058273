"""What a person may see and has set up, in one query: the rights that a view of the queue is seen with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, JSONObject

from escalations.models import Agent, Operator, Queue, Role, Skill
from escalations.people.desks import Desk, desk_column, desk_in
from operators.models import SavedView


@dataclass(frozen=True)
class Saved:
    """A saved view as a pill. `params` are those of the address, in a fixed order."""

    id: int
    name: str
    owner_id: int
    is_shared: bool
    params: tuple[tuple[str, str], ...]

    @property
    def is_personal(self) -> bool:
        """Whether its count depends on who asks, so that it cannot be drawn once for everybody."""
        return not self.is_shared or ("view", "mine") in self.params


@dataclass(frozen=True)
class Seat:
    """A person's rights, their views, and the names that filters offer them."""

    operator_id: int
    sees_all: bool
    member_of: tuple[int, ...]
    skills: tuple[str, ...]
    saved: tuple[Saved, ...]
    queue_names: tuple[str, ...]
    agent_names: tuple[str, ...]
    skill_names: tuple[str, ...]

    @classmethod
    def of(cls, operator: Operator) -> "Seat":
        """The seat of `operator` by the rows of this moment."""
        return cls._of(operator, _columns(operator).get(pk=operator.pk))

    @classmethod
    def with_desk(cls, operator: Operator) -> tuple["Seat", Desk]:
        """The same, and what the frame of a page shows, in the same query."""
        *row, desk = _columns(operator, desk_column(operator.pk)).get(pk=operator.pk)
        return cls._of(operator, row), desk_in(desk)

    @classmethod
    def _of(cls, operator: Operator, row: Sequence[Any]) -> "Seat":
        member_of, queue_names, agent_names, skill_names, views = row
        return cls(
            operator_id=operator.pk,
            sees_all=_sees_all(operator),
            member_of=tuple(member_of),
            skills=tuple(sorted(operator.skills)),
            saved=tuple(map(_saved, views)),
            queue_names=tuple(queue_names),
            agent_names=tuple(agent_names),
            skill_names=tuple(skill_names),
        )

    @property
    def shared(self) -> tuple[Saved, ...]:
        """The pills that everybody has."""
        return tuple(saved for saved in self.saved if not saved.is_personal)

    @property
    def own(self) -> tuple[Saved, ...]:
        """The pills that are drawn for this person alone."""
        return tuple(saved for saved in self.saved if saved.is_personal)


_SAVED = JSONObject(
    id=F("id"), name=F("name"), owner=F("owner_id"), shared=F("is_shared"), params=F("params")
)


def _sees_all(operator: Operator) -> bool:
    return operator.role in (Role.ADMIN, Role.REVIEWER)


def _columns(operator: Operator, *more: RawSQL) -> QuerySet[Operator, tuple[Any, ...]]:
    queues = Queue.objects.all() if _sees_all(operator) else Queue.objects.filter(operators=operator.pk)
    saved = SavedView.objects.filter(Q(owner=operator) | Q(is_shared=True)).order_by("name", "id")
    return Operator.objects.values_list(
        ArraySubquery(Queue.objects.filter(operators=operator.pk).order_by("id").values("id")),
        _names(queues),
        _names(Agent.objects.filter(is_active=True)),
        _names(Skill.objects.all()),
        ArraySubquery(saved.values_list(_SAVED, flat=True)),
        *more,
    )


def _names(rows: QuerySet[Any]) -> ArraySubquery:
    return ArraySubquery(rows.order_by("name").values_list(Cast(F("name"), TextField()), flat=True))


def _saved(row: Mapping[str, Any]) -> Saved:
    return Saved(row["id"], row["name"], row["owner"], row["shared"], ordered(row["params"].items()))


def ordered(params: Iterable[tuple[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Parameters in one order, so that equal choices are equal values."""
    return tuple(sorted((name, str(value)) for name, value in params))
