"""Why nobody has a case yet, in words for the case page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from escalations import routing
from escalations.models import Escalation, Operator, Priority, Ring
from escalations.routing import Explanation, Turn
from escalations.routing.eligibility import Reason, WhyNot
from operators.rendering.formatting import small

# Names are told up to so many for one reason.
NAMED = 30
_RINGS = {
    Ring.EXACT: gettext_lazy("people with every skill, the preferred ones too"),
    Ring.REQUIRED: gettext_lazy("people with the required skills"),
    Ring.OVERFLOW: gettext_lazy("the people of the overflow queue, too"),
    Ring.SEVERAL: gettext_lazy("three people at once"),
}
_TURNS = {
    Turn.BEFORE: gettext_lazy("Before"),
    Turn.SKIPPED: gettext_lazy("Skipped"),
    Turn.NOW: gettext_lazy("Now"),
    Turn.LATER: gettext_lazy("Later"),
}


@dataclass(frozen=True)
class Group:
    """The people for whom one reason holds; `more` of them are not named."""

    words: str
    names: Sequence[str]
    more: int


@dataclass(frozen=True)
class Step:
    """A ring of the search: `when` it is or was its turn, whether that is now, how many people there are."""

    when: str
    is_now: bool
    words: str
    there: int


@dataclass(frozen=True)
class Account:
    """The account of one case, ready to be shown."""

    explanation: Explanation
    groups: Sequence[Group]
    steps: Sequence[Step]

    @property
    def priority(self) -> str:
        return small(Priority(self.explanation.case.priority).label)


def account_of(case: Escalation) -> Account:
    """What routing says of `case`. Two queries more than `routing.explain`, however many people there are."""
    explanation = routing.explain(case)
    people = Operator.objects.in_bulk([one.operator_id for one in explanation.people])
    return Account(
        explanation=explanation,
        groups=[_group(explanation, why, people) for why, _ in explanation.counts],
        steps=[
            Step(
                when=str(_TURNS[one.turn]),
                is_now=one.turn == Turn.NOW,
                words=str(_RINGS[one.ring]),
                there=one.there,
            )
            for one in explanation.rings
        ],
    )


def _group(explanation: Explanation, why: WhyNot, people: dict[int, Operator]) -> Group:
    found = [one for one in explanation.people if one.reason.why == why]
    names = [_name(people[one.operator_id], one.reason) for one in found[:NAMED]]
    return Group(_capital(str(why.label)), names, len(found) - len(names))


def _name(person: Operator, reason: Reason) -> str:
    return f"{person} ({reason.detail})" if reason.detail else str(person)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
