"""Where two people who labelled the same decision differ."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escalations.metrics.statistics import ENOUGH, wilson
from escalations.models import LabelRevision


@dataclass(frozen=True)
class Agreement:
    """Of `n` things that two looked at, how many came out the same."""

    n: int
    same: int

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def share(self) -> float:
        return self.same / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Of `share`, 95%."""
        return wilson(self.same, self.n)


class Scale(Enum):
    """How labels of a field are held against each other."""

    NOMINAL = "nominal"
    SET = "set"
    STEP = "step"


@dataclass(frozen=True)
class Field:
    """A label that is compared. Where two differ in one that `decides`, a third person settles it."""

    name: str
    title: str | Promise
    scale: Scale = Scale.NOMINAL
    decides: bool = False

    def read(self, revision: LabelRevision) -> Hashable | None:
        """What the revision says, None where it says nothing; of a step, None stands for no step."""
        if self.scale is Scale.SET:
            return frozenset({revision.failure_primary, *revision.failure_modes} - {""})
        value: Hashable = getattr(revision, self.name)
        return None if value == "" else value


FIELDS = (
    Field("agent_correct", _("Was the agent right?"), decides=True),
    Field("failure_primary", _("What went wrong"), decides=True),
    Field("first_error_index", _("First error"), Scale.STEP, decides=True),
    Field("failure_modes", _("All that went wrong"), Scale.SET),
    Field("root_cause_index", _("Root cause"), Scale.STEP),
    Field("responsible", _("Whose fault it was")),
    Field("escalation_needed", _("Was a person needed?")),
    Field("category_correct", _("Was the category right?")),
)
BY_NAME = {field.name: field for field in FIELDS}


def differences(first: LabelRevision, second: LabelRevision) -> Iterator[Field]:
    """The fields in which they differ; one that only one of them filled in is among them."""
    return (field for field in FIELDS if field.read(first) != field.read(second))


def is_same(first: LabelRevision, second: LabelRevision) -> bool:
    """Whether they agree in all that decides."""
    return not any(field.decides for field in differences(first, second))
