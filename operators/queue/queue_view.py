"""What part of the queue a person looks at, as a value: two people with equal rights have equal views."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from escalations.models import Escalation, Operator, Queue, State
from escalations.models.case_queries import CALL_ORDER, EscalationQuerySet
from escalations.search.queries import with_words
from operators import parameters
from operators.queue.filters import AT_RISK, BREACHED, QueueFilters
from operators.queue.seat import Saved, Seat, ordered
from operators.viewings import names_of_lookers

WAITING, MINE, ALL, STRIP = "waiting", "mine", "all", "strip"
_PERSONAL = (MINE, STRIP)
_BY_DUE = ("next_due_at", "id")
_PAGE, _MOST, _STRIP_NEXT = 50, 500, 10


@dataclass(frozen=True)
class QueueView:
    """A choice of cases, and the rights it is seen with.

    `view` is where it starts from, `filters` narrow that. `shared` are the pills that everybody has.
    `operator_id` is set only where the choice depends on the person, `case` only in the strip beside that
    case. `limit` is how many rows are shown, from the front on or behind the case `after`.
    """

    view: str
    filters: QueueFilters
    limit: int
    sees_all: bool
    member_of: tuple[int, ...]
    skills: tuple[str, ...]
    shared: tuple[Saved, ...] = ()
    operator_id: int | None = None
    case: str = ""
    after: str = ""

    @classmethod
    def for_operator(cls, operator: Operator, params: Mapping[str, str]) -> "QueueView":
        """What `params` ask for, with the rights that `operator` has now."""
        return cls.at(Seat.of(operator), params)

    @classmethod
    def at(cls, seat: Seat, params: Mapping[str, str]) -> "QueueView":
        """What `params` (`view`, `show`, `after`, `case`, the filters) ask for; the senseless is left out."""
        filters = QueueFilters.of(params)
        view = ALL if filters.q else params.get("view", "")
        if view not in (WAITING, MINE, ALL, AT_RISK, BREACHED, STRIP):
            waits = not filters and (seat.member_of or not seat.sees_all)
            view = WAITING if waits else ALL
        return cls(
            view=view,
            filters=QueueFilters() if view == STRIP else filters,
            limit=_limit(params.get("show", "")),
            sees_all=seat.sees_all,
            member_of=seat.member_of,
            skills=seat.skills,
            shared=seat.shared,
            operator_id=seat.operator_id if view in _PERSONAL else None,
            case=params.get("case", "")[:36] if view == STRIP else "",
            after="" if view in _PERSONAL or filters.q else _case(params.get("after", "")),
        )

    @property
    def key(self) -> str:
        """Names everything that the rendered list depends on, besides the cases themselves."""
        return repr(sorted(asdict(self).items()))

    @property
    def queue(self) -> str:
        """The name of the queue that it is narrowed to, or empty."""
        return self.filters.queue

    @property
    def is_queue_alone(self) -> bool:
        """Whether it shows all that is open in one queue."""
        return self.view == ALL and self.filters == QueueFilters(queue=self.queue)

    @property
    def is_by_due(self) -> bool:
        """Whether its cases stand in the order of their due times, not in that of work."""
        return self.view in (MINE, AT_RISK, BREACHED) or bool(self.filters.due)

    @property
    def choice(self) -> tuple[tuple[str, str], ...]:
        """The parameters that make the choice, in the order of saved views."""
        return ordered(({"view": self.view} | self.filters.params).items())

    @property
    def query(self) -> str:
        """The query string that asks for this view again."""
        shown = {
            "case": self.case,
            "after": self.after,
            "show": "" if self.limit == _PAGE else str(self.limit),
        }
        params = {"view": self.view} | self.filters.params | shown
        return urlencode({name: value for name, value in params.items() if value})

    @property
    def query_from_the_front(self) -> str:
        """The query string for the same view, with as many rows as at first."""
        return replace(self, after="", limit=_PAGE).query

    @property
    def query_without_filters(self) -> str:
        return replace(self, filters=QueueFilters(), after="").query

    def query_behind(self, last: Escalation) -> str:
        """The query string for the rows that follow `last`: with those before it as long as they are few.

        Empty where no more are shown.
        """
        if self.limit < _MOST:
            return replace(self, limit=self.limit + _PAGE).query
        if self.view in _PERSONAL or self.filters.q:
            return ""
        return replace(self, after=str(last.pk)).query

    def visible_queues(self) -> QuerySet[Queue]:
        return Queue.objects.all() if self.sees_all else Queue.objects.filter(id__in=self.member_of)

    def counted(self) -> dict[str, QuerySet[Escalation]]:
        """The choices that every page counts, by the names of their pills."""
        everything = self._visible()
        return {
            WAITING: self._waiting(),
            ALL: everything.open(),
            AT_RISK: everything.at_risk(),
            BREACHED: everything.breached(),
        }

    def cases(self) -> list[Escalation]:
        """The rows in order, one more than `limit` if there are more. Each has `is_held` and `looking`."""
        if self.view == STRIP:
            return [
                *_rows(self._mine(), _BY_DUE, self.limit),
                *_rows(self._waiting(), CALL_ORDER, _STRIP_NEXT),
            ]
        if self.filters.q:
            return self._found()
        order = _BY_DUE if self.is_by_due else CALL_ORDER
        return _rows(self._from_here(order), order, self.limit + 1)

    def chosen(self) -> EscalationQuerySet:
        """All cases of the choice, in no order."""
        choices: dict[str, Callable[[], EscalationQuerySet]] = {
            WAITING: self._waiting,
            MINE: self._mine,
            ALL: lambda: self._visible().open(),
            AT_RISK: lambda: self._visible().at_risk(),
            BREACHED: lambda: self._visible().breached(),
        }
        return self._with_words(self.filters.narrow(choices[self.view]()))

    def _from_here(self, order: tuple[str, ...]) -> EscalationQuerySet:
        """What is chosen behind `after`, wherever that stands now; all where the person may not see it."""
        place = self.after and self._visible().filter(pk=self.after).values_list(*order).first()
        return self.chosen().behind(order, place) if place else self.chosen()

    def _found(self) -> list[Escalation]:
        """What the search finds, the newest first."""
        ids = self.filters.found(sees_all=self.sees_all, queues=self.member_of, limit=self.limit + 1)
        cases = self._visible() if self.filters.is_everywhere else self._visible().open()
        return _rows(self.filters.narrow(cases.filter(id__in=ids)), ("-id",), self.limit + 1)

    def _with_words(self, cases: EscalationQuerySet) -> EscalationQuerySet:
        """`cases` with the words, for counting them."""
        if not self.filters.q:
            return cases
        return cases.filter(Exists(with_words(self.filters.q).filter(case=OuterRef("pk"))))

    def _visible(self) -> EscalationQuerySet:
        return Escalation.objects.all() if self.sees_all else self._of_my_queues()

    def _of_my_queues(self) -> EscalationQuerySet:
        return Escalation.objects.in_queues(self.member_of)

    def _mine(self) -> EscalationQuerySet:
        """What this person has in hand, and what they put aside and will go on with."""
        in_hand = Q(holder_id=self.operator_id, state=State.CLAIMED, lease_expires_at__gt=Now())
        aside = Q(affinity_id=self.operator_id, state__in=[State.WAITING, State.SNOOZED])
        return self._visible().filter(in_hand | aside)

    def _waiting(self) -> EscalationQuerySet:
        return self._of_my_queues().waiting().within_skills(self.skills)


def _rows(chosen: EscalationQuerySet, order: tuple[str, ...], count: int) -> list[Escalation]:
    """The first `count` cases of `chosen`, found by the narrow columns before anything is joined to them."""
    first = chosen.order_by(*order).values("id")[:count]
    cases = (
        Escalation.objects.with_liveness()
        .select_related("queue", "agent_version__agent", "holder")
        .annotate(looking=names_of_lookers())
    )
    return list(cases.filter(id__in=first).order_by(*order))


def _limit(asked: str) -> int:
    return min(max(int(asked), _PAGE), _MOST) if asked.isdecimal() and len(asked) < 6 else _PAGE


def _case(asked: str) -> str:
    """The id of a case as it was asked for, or empty."""
    return str(parameters.uuid(asked) or "")
