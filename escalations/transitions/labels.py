"""What a person teaches with a decision, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from escalations.models import AgentCorrect, Disposition, FailureMode, Fault, Responsible, StepLabel
from escalations.transitions.errors import Flaw

STRENGTH_MAX = 3


@dataclass(frozen=True)
class Labels:
    """What one person says of a decision; labels.md has the meaning of each field.

    Steps count from 0; `step_labels` maps their index, as text, to good, bad or neutral. `tool_fault` is
    `{tool, kind}`, the kind one of `Fault`. `preference_strength` goes from 1 to `STRENGTH_MAX`.
    `active_seconds` is how long the person looked and worked, as their page measured it.
    """

    disposition: str
    agent_correct: str
    failure_primary: str
    first_error_index: int | None = None
    note: str = ""
    training_allowed: bool = True
    failure_modes: Sequence[str] = ()
    external_codes: Sequence[str] = ()
    responsible: str = ""
    root_cause_index: int | None = None
    missed_checkpoint: str = ""
    step_labels: Mapping[str, str] = field(default_factory=dict)
    tool_fault: Mapping[str, str] | None = None
    escalation_needed: bool | None = None
    category_correct: bool | None = None
    deterministic_rule: str = ""
    must: Sequence[str] = ()
    must_not: Sequence[str] = ()
    pair_at_index: int | None = None
    preference_strength: int | None = None
    active_seconds: float = 0

    def columns(self) -> dict[str, Any]:
        """Each field with its value, as JSON has it. All failure modes hold the primary one, too."""
        return asdict(self) | {"failure_modes": self._all_modes()}

    def _all_modes(self) -> list[str]:
        modes = dict.fromkeys([self.failure_primary, *self.failure_modes])
        return [mode for mode in modes if mode not in ("", FailureMode.NONE)]


@dataclass(frozen=True)
class Suggested:
    """A label that `detector` proposed: the value of the field of `Labels` so named."""

    field: str
    value: Any
    detector: str

    def row(self, labels: Labels) -> dict[str, Any]:
        """How it is kept: with whether the person said the same; of a list, whether it is part of theirs."""
        said = labels.columns()[self.field]
        is_part = isinstance(self.value, list) and all(one in said for one in self.value)
        return asdict(self) | {"accepted": is_part or said == self.value}


def label_flaws(labels: Labels, payload: Mapping[str, Any]) -> list[Flaw]:
    """Everything wrong with labels of a case whose agent sent `payload`."""
    steps = len(payload.get("steps") or [])
    return [*_choice_flaws(labels), *_fault_flaws(labels), *_step_flaws(labels, steps)]


def _choice_flaws(labels: Labels) -> Iterable[Flaw]:
    chosen = {
        "disposition": (labels.disposition, Disposition.values),
        "agent_correct": (labels.agent_correct, AgentCorrect.values),
        "failure_primary": (labels.failure_primary, FailureMode.values),
        "responsible": (labels.responsible, ["", *Responsible.values]),
        "preference_strength": (labels.preference_strength, [None, *range(1, STRENGTH_MAX + 1)]),
    }
    for name, (value, known) in chosen.items():
        if value not in known:
            yield Flaw(f"/labels/{name}", _("Choose one."))
    for index, mode in enumerate(labels.failure_modes):
        if mode not in FailureMode.values:
            yield Flaw(f"/labels/failure_modes/{index}", _("Choose one."))
    for step, label in labels.step_labels.items():
        if label not in StepLabel.values:
            yield Flaw(f"/labels/step_labels/{step}", _("Choose one."))


def _fault_flaws(labels: Labels) -> Iterable[Flaw]:
    fault = labels.tool_fault
    if fault is None:
        return
    if not fault.get("tool"):
        yield Flaw("/labels/tool_fault/tool", _("Name the tool."))
    if fault.get("kind") not in Fault.values or fault.get("kind") == Fault.OK:
        yield Flaw("/labels/tool_fault/kind", _("Choose what was wrong with it."))


def _step_flaws(labels: Labels, steps: int) -> Iterable[Flaw]:
    """Steps that the agent did not report, and a first error that is called good."""
    named = {"first_error_index": labels.first_error_index, "root_cause_index": labels.root_cause_index}
    for name, index in named.items():
        if index is not None and not 0 <= index < steps:
            yield Flaw(f"/labels/{name}", _("There is no such step."))
    for step in labels.step_labels:
        if not (step.isdecimal() and int(step) < steps):
            yield Flaw(f"/labels/step_labels/{step}", _("There is no such step."))
    if labels.step_labels.get(str(labels.first_error_index)) == StepLabel.GOOD:
        yield Flaw("/labels/first_error_index", _("You called this step good. It cannot be the first error."))
