"""What part of the queue a person looks at, as a value: two people with equal rights have equal views."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Now

from escalations.models import Escalation, Operator, Queue, Role, State
from escalations.models.cases import CALL_ORDER, EscalationQuerySet
from operators.tallies import Tally, tally

WAITING, MINE, ALL, AT_RISK, BREACHED, STRIP = "waiting", "mine", "all", "at_risk", "breached", "strip"
_PERSONAL = (MINE, STRIP)
_BY_DUE = ("due_at", "id")
_PAGE, _MOST, _STRIP_NEXT = 50, 500, 10


@dataclass(frozen=True)
class QueueView:
    """A choice of cases, and the rights it is seen with.

    `queue` narrows to the queue of that name. `operator_id` is set only where the choice depends on the
    person, `case` only in the strip beside that case. `limit` is how many rows are shown.
    """

    view: str
    queue: str
    limit: int
    sees_all: bool
    member_of: tuple[int, ...]
    skills: tuple[str, ...]
    operator_id: int | None = None
    case: str = ""

    @classmethod
    def for_operator(cls, operator: Operator, params: Mapping[str, str]) -> "QueueView":
        """What `params` (`view`, `queue`, `show`, `case`) ask for; what makes no sense is left out."""
        sees_all = operator.role in (Role.ADMIN, Role.REVIEWER)
        member_of = tuple(operator.queues.order_by("id").values_list("id", flat=True))
        queue = params.get("queue", "")[:40]
        view = params.get("view", "")
        if queue:
            view = ALL
        elif view not in (WAITING, MINE, ALL, AT_RISK, BREACHED, STRIP):
            view = WAITING if member_of or not sees_all else ALL
        return cls(
            view=view,
            queue=queue,
            limit=_limit(params.get("show", "")),
            sees_all=sees_all,
            member_of=member_of,
            skills=tuple(sorted(operator.skills)),
            operator_id=operator.pk if view in _PERSONAL else None,
            case=params.get("case", "")[:36] if view == STRIP else "",
        )

    @property
    def key(self) -> str:
        """Names everything that the rendered list depends on, besides the cases themselves."""
        return repr(sorted(asdict(self).items()))

    @property
    def query(self) -> str:
        """The query string that asks for this view again."""
        return self._query()

    @property
    def query_for_more(self) -> str:
        """The query string for the same view with more rows; empty where no more are shown."""
        return self._query(limit=self.limit + _PAGE) if self.limit < _MOST else ""

    def visible_queues(self) -> QuerySet[Queue]:
        return Queue.objects.all() if self.sees_all else Queue.objects.filter(id__in=self.member_of)

    def tally(self, holder: Operator | None = None) -> Tally:
        """The counts on the pills; those that `holder` holds only for a page of their own."""
        return tally(
            visible=self.visible_queues(), member_of=self.member_of, skills=self.skills, holder=holder
        )

    def cases(self) -> list[Escalation]:
        """The rows in their order, one more than `limit` if there are more. Each has `is_held`."""
        if self.view == STRIP:
            return [
                *_rows(self._mine(), _BY_DUE, self.limit),
                *_rows(self._waiting(), CALL_ORDER, _STRIP_NEXT),
            ]
        choices = {
            WAITING: (self._waiting, CALL_ORDER),
            MINE: (self._mine, _BY_DUE),
            ALL: (lambda: self._visible().open(), CALL_ORDER),
            AT_RISK: (lambda: self._visible().at_risk(), _BY_DUE),
            BREACHED: (lambda: self._visible().breached(), _BY_DUE),
        }
        choose, order = choices[self.view]
        return _rows(choose(), order, self.limit + 1)

    def _visible(self) -> EscalationQuerySet:
        cases = Escalation.objects.all() if self.sees_all else self._of_my_queues()
        if self.queue:
            named = Queue.objects.filter(name=self.queue).values("id")[:1]
            return cases.filter(queue_id=Subquery(named))
        return cases

    def _of_my_queues(self) -> EscalationQuerySet:
        return Escalation.objects.in_queues(self.member_of)

    def _mine(self) -> EscalationQuerySet:
        return self._visible().filter(
            holder_id=self.operator_id, state=State.CLAIMED, lease_expires_at__gt=Now()
        )

    def _waiting(self) -> EscalationQuerySet:
        return self._of_my_queues().waiting().within_skills(self.skills)

    def _query(self, limit: int | None = None) -> str:
        shown = limit or self.limit
        params = {
            "view": "" if self.queue else self.view,
            "queue": self.queue,
            "case": self.case,
            "show": "" if shown == _PAGE else str(shown),
        }
        return urlencode({name: value for name, value in params.items() if value})


def _rows(chosen: EscalationQuerySet, order: tuple[str, ...], count: int) -> list[Escalation]:
    """The first `count` cases of `chosen`, found by the narrow columns before anything is joined to them."""
    first = chosen.order_by(*order).values("id")[:count]
    cases = Escalation.objects.with_liveness().select_related("queue", "agent_version__agent", "holder")
    return list(cases.filter(id__in=first).order_by(*order))


def _limit(asked: str) -> int:
    return min(max(int(asked), _PAGE), _MOST) if asked.isdecimal() and len(asked) < 6 else _PAGE
