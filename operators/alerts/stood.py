"""What stood at a moment: the rows behind an alert whose kind looks at no hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from escalations.alerts import readings
from escalations.alerts.kinds import Kind
from escalations.models import Agent, AlertRule, Queue
from operators.fields.days import WITHIN_REASON

PAGE = 50
# Rows further back than this are of no list that anybody pages to.
_FURTHEST = 1_000_000
_WHAT = {
    "audit": gettext_lazy("Audit"),
    "second_look": gettext_lazy("Second look"),
    "difference": gettext_lazy("Disagreement"),
}


class StoodForm(forms.Form):
    """The moment, queue and agent that an address names, and behind how many rows it begins."""

    at = forms.DateTimeField(validators=WITHIN_REASON)
    queue = forms.ModelChoiceField(Queue.objects.all(), to_field_name="name", required=False)
    agent = forms.ModelChoiceField(Agent.objects.all(), to_field_name="name", required=False)
    passed = forms.IntegerField(min_value=0, max_value=_FURTHEST, required=False)


@dataclass(frozen=True)
class Row:
    """Something that had stood for so long at the moment; `case_id` is None where nobody may know it yet."""

    what: str
    since: datetime
    lasted: timedelta
    case_id: UUID | None
    headline: str
    queue: str
    agent: str


@dataclass(frozen=True)
class Stood:
    """A page of the `n` rows, the oldest first. `further` is the address of the next one, or empty."""

    kind: Kind
    at: datetime
    scope_name: str
    rows: Sequence[Row]
    n: int
    further: str

    @property
    def tells_apart(self) -> bool:
        """Whether the rows are of several sorts."""
        return any(row.what for row in self.rows)


def stood_url(kind: Kind, at: datetime, **more: str) -> str:
    """The page of what stood then; empty parameters are left out."""
    query = {"at": at.isoformat()} | {name: value for name, value in more.items() if value}
    return reverse("alert_stood", args=[kind.kind], query=query)


def stood(kind: Kind, asked: Mapping[str, Any]) -> Stood:
    """What `StoodForm` asks for."""
    at, passed = asked["at"], asked["passed"] or 0
    rule = AlertRule(kind=kind.kind, queue=asked["queue"], agent=asked["agent"])
    found = readings.stood(kind.standing, rule, at, limit=PAGE, offset=passed)
    n = found[0]["n"] if found else 0
    seen = passed + len(found)
    names = {name: str(asked[name] or "") for name in ("queue", "agent")}
    return Stood(
        kind=kind,
        at=at,
        scope_name="" if rule.scope_name == "*" else rule.scope_name,
        rows=[_row(one, at) for one in found],
        n=n,
        further=stood_url(kind, at, **names, passed=str(seen)) if seen < n else "",
    )


def _row(found: Mapping[str, Any], at: datetime) -> Row:
    return Row(
        what=str(_WHAT.get(found["what"], "")),
        since=found["since"],
        lasted=at - found["since"],
        case_id=found["case_id"],
        headline=found["headline"] or "",
        queue=found["queue"] or "",
        agent=found["agent"] or "",
    )
