"""Questions about cases: what routing, claims and lists read them by."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Case, ExpressionWrapper, FilteredRelation, Func, Q, Value, When
from django.db.models.functions import Now
from django.db.models.lookups import GreaterThan

from escalations.models.choices import OPEN_STATES, State
from escalations.models.people import Operator, Role

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    from escalations.models.cases import Escalation

# What `claim_next` takes first. `rank` is the class that a case has by its age (docs/decisions/0002).
CALL_ORDER = ("rank", "due_at", "received_at", "id")

_LIVENESS = {
    "is_held": ExpressionWrapper(
        Q(state=State.CLAIMED, lease_expires_at__gt=Now()), output_field=models.BooleanField()
    ),
    "user_is_typing": ExpressionWrapper(Q(user_typing_until__gt=Now()), output_field=models.BooleanField()),
}
# Never null, unlike the comparison by itself.
_DISPATCH = {
    "is_withheld": ExpressionWrapper(
        Q(dispatch_at__isnull=False, dispatch_at__gt=Now()), output_field=models.BooleanField()
    )
}

# Functions of the database (migration 0014) that indexes are made of. While a case waits time stands still.
LATE_FROM = Func("next_due_at", "paused_at", function="case_late_from", output_field=models.DateTimeField())
AT_RISK_DURING = Func(
    *("at_risk_at", "next_due_at", "paused_at"),
    function="case_at_risk_during",
    output_field=DateTimeRangeField(),
)
FACETS = Func(
    *("kind", "priority", "agent_id", "skills"),
    function="case_facets",
    output_field=ArrayField(models.TextField()),
)


class EscalationQuerySet(models.QuerySet["Escalation"]):
    """Questions about cases. Adjectives, so that they chain."""

    def open(self) -> "EscalationQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def waiting(self) -> "EscalationQuerySet":
        """Cases that anyone could take now. Leases and hard limits end when they say, before any sweep."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=Now()),
            Q(state=State.QUEUED) | Q(state=State.CLAIMED, lease_expires_at__lte=Now()),
        )

    def workable_by(self, operator: Operator) -> "EscalationQuerySet":
        """Cases of the queues that `operator` belongs to, or that overflow into them, within their skills."""
        return self.in_queues(operator.queues.values_list("id")).within_skills_of(operator)

    def pickable_by(self, operator: Operator) -> "EscalationQuerySet":
        """Cases that `operator` may choose for themselves: what they can work, an admin any."""
        return self if operator.role == Role.ADMIN else self.workable_by(operator)

    def givable_to(self, operator: Operator) -> "EscalationQuerySet":
        """Cases that `operator` can be given: of what they see, what is within their skills; an admin any."""
        return self if operator.role == Role.ADMIN else self.visible_to(operator).within_skills_of(operator)

    def within_skills_of(self, operator: Operator) -> "EscalationQuerySet":
        return self.within_skills(operator.skills)

    def in_queues(self, queue_ids: Collection[int] | models.QuerySet[Any, Any]) -> "EscalationQuerySet":
        """Cases of these queues, and those that overflow into them."""
        return self.filter(Q(queue_id__in=queue_ids) | Q(overflow_queue_id__in=queue_ids))

    def within_skills(self, skills: Sequence[str]) -> "EscalationQuerySet":
        """Cases that ask for no skill beyond `skills`.

        Worded as a CASE, because PostgreSQL takes a bare `<@` for rare and would sort the whole queue
        instead of reading it in order.
        """
        fits = Case(When(skills__contained_by=list(skills), then=True), default=False)
        return self.filter(ExpressionWrapper(fits, output_field=models.BooleanField()))

    def offered_to_nobody(self) -> "EscalationQuerySet":
        """Cases that nobody has a live offer of."""
        live = Q(offers__ended_at=None, offers__expires_at__gt=Now())
        return self.alias(live_offer=FilteredRelation("offers", condition=live)).filter(live_offer=None)

    def visible_to(self, operator: Operator) -> "EscalationQuerySet":
        """An operator sees their queues and what overflows into them; reviewers and admins see all."""
        if operator.role in (Role.ADMIN, Role.REVIEWER):
            return self
        return self.in_queues(operator.queues.values_list("id"))

    def held_by(self, operator: Operator) -> "EscalationQuerySet":
        return self.filter(state=State.CLAIMED, holder=operator, lease_expires_at__gt=Now())

    def breached(self) -> "EscalationQuerySet":
        """Open, with a clock that has run out: any that runs. For a case that waits, time stands still."""
        return self.open().alias(late_from=LATE_FROM).filter(late_from__lte=Now())

    def at_risk(self) -> "EscalationQuerySet":
        """Open, not breached, and with under a fifth of a clock's business time left, pauses left out."""
        return self.open().alias(at_risk_during=AT_RISK_DURING).filter(at_risk_during__contains=Now())

    def behind(self, order: Sequence[str], place: Sequence[Any]) -> "EscalationQuerySet":
        """Those that come after a place in an order, which holds one value for each of its columns.

        Compared as a whole, which is what an index in this order is read by.
        """
        return self.filter(GreaterThan(_row(*order), _row(*map(Value, place))))

    def with_facets(self, *facets: "str | Combinable") -> "EscalationQuerySet":
        """Cases that have all of these: skills, and `kind:…`, `priority:…` (a number), `agent:…` (an id).

        The same can be asked of the columns; this way an index answers, however rare they are.
        """
        words = [Value(facet) if isinstance(facet, str) else facet for facet in facets]
        wanted = Func(*words, template="ARRAY[%(expressions)s]::text[]")
        return self.alias(facets=FACETS).filter(facets__contains=wanted)

    def with_liveness(self) -> "EscalationQuerySet":
        """Each case with what is live by the database's clock: `is_held` under a lease, `user_is_typing`."""
        return self.annotate(**_LIVENESS)

    def within_hard_limit(self) -> "EscalationQuerySet":
        return self.open().filter(Q(expires_at=None) | Q(expires_at__gt=Now()))

    def with_dispatch(self) -> "EscalationQuerySet":
        """Each case with `is_withheld`: whether its agent must not see the decision yet."""
        return self.annotate(**_DISPATCH)

    def lock_first(self, limit: int, *, by: str) -> "list[Escalation]":
        """The first of these by the field `by`, locked, for a sweep; what others have locked is left out.

        Needs a transaction.
        """
        return list(self.select_for_update(skip_locked=True, of=("self",)).order_by(by)[:limit])

    def past_hard_limit(self) -> "EscalationQuerySet":
        return self.open().filter(expires_at__lte=Now())


def _row(*parts: str | Value) -> Func:
    return Func(*parts, template="ROW(%(expressions)s)", output_field=models.TextField())
