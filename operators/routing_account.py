"""Why nobody has a case yet, in words for the case page."""

from collections.abc import Sequence
from dataclasses import dataclass

from escalations import routing
from escalations.models import Escalation, Operator, Priority, Ring
from escalations.routing import Explanation
from escalations.routing.eligibility import Reason, WhyNot

# Names are told up to so many for one reason.
NAMED = 30
NOW = "Now"
_RINGS = {
    Ring.EXACT: "people with every skill, the preferred ones too",
    Ring.REQUIRED: "people with the required skills",
    Ring.OVERFLOW: "the people of the overflow queue, too",
    Ring.SEVERAL: "three people at once",
}


@dataclass(frozen=True)
class Group:
    """The people for whom one reason holds; `more` of them are not named."""

    words: str
    names: Sequence[str]
    more: int


@dataclass(frozen=True)
class Step:
    """A ring of the search: `when` it is its turn, and how many of its people are there."""

    when: str
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
        return Priority(self.explanation.case.priority).label.lower()


def account_of(case: Escalation) -> Account:
    """What routing says of `case`. Two queries more than `routing.explain`, however many people there are."""
    explanation = routing.explain(case)
    people = Operator.objects.in_bulk([one.operator_id for one in explanation.people])
    return Account(
        explanation=explanation,
        groups=[_group(explanation, why, people) for why, _ in explanation.counts],
        steps=[
            Step(_when(ring, explanation.ring), words, explanation.there.get(ring, 0))
            for ring, words in _RINGS.items()
        ],
    )


def _when(ring: Ring, now: Ring | None) -> str:
    if ring == now:
        return NOW
    return "Before" if now is not None and ring < now else "Later"


def _group(explanation: Explanation, why: WhyNot, people: dict[int, Operator]) -> Group:
    found = [one for one in explanation.people if one.reason.why == why]
    names = [_name(people[one.operator_id], one.reason) for one in found[:NAMED]]
    return Group(_capital(why.label), names, len(found) - len(names))


def _name(person: Operator, reason: Reason) -> str:
    return f"{person} ({reason.detail})" if reason.detail else str(person)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
