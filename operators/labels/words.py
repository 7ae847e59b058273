"""The labels of a revision as people read them, and what a revision changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.labels import taxonomy
from escalations.labels.taxonomy import Meanings
from escalations.models import (
    AgentCorrect,
    Disposition,
    FailureMode,
    Fault,
    LabelRevision,
    Responsible,
    StepLabel,
)
from operators.labels.forms.label_fields import STRENGTHS
from operators.rendering.formatting import small

_STRENGTHS = dict(STRENGTHS)
_NAMES: dict[str, Promise] = {
    "disposition": gettext_lazy("Disposition"),
    "agent_correct": gettext_lazy("Agent was right"),
    "failure_primary": gettext_lazy("What went wrong"),
    "failure_modes": gettext_lazy("What else went wrong"),
    "first_error_index": gettext_lazy("First error"),
    "root_cause_index": gettext_lazy("Root cause"),
    "step_labels": gettext_lazy("Steps"),
    "tool_fault": gettext_lazy("Faulty tool"),
    "responsible": gettext_lazy("Whose fault it was"),
    "missed_checkpoint": gettext_lazy("Checkpoint that was missing"),
    "external_codes": gettext_lazy("Codes of published taxonomies"),
    "escalation_needed": gettext_lazy("Was a person needed?"),
    "category_correct": gettext_lazy("Was the category right?"),
    "deterministic_rule": gettext_lazy("Could be code: the rule"),
    "must": gettext_lazy("A right answer must"),
    "must_not": gettext_lazy("A right answer must not"),
    "preference_strength": gettext_lazy("How much better the answer is"),
    "pair_at_index": gettext_lazy("What the answer is better than"),
    "note": gettext_lazy("Note"),
    "training_allowed": gettext_lazy("Training"),
}


@dataclass(frozen=True)
class Change:
    """One label that a revision changed: what was said before, and what since."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Past:
    """A revision with what it changed."""

    revision: LabelRevision
    changes: Sequence[Change]


def said(revision: LabelRevision) -> list[tuple[str, str]]:
    """What was said, label by label, in the words of the taxonomy that it was said under."""
    texts = _texts(revision)
    return [(str(name), texts[field]) for field, name in _NAMES.items() if texts[field]]


def history(revisions: Iterable[LabelRevision]) -> list[Past]:
    """The revisions that were in force, the newest first, each with what it changed of the one before."""
    in_turn = sorted((one for one in revisions if not one.is_blind), key=lambda one: one.number)
    earlier: list[LabelRevision | None] = [None, *in_turn]
    past = [Past(after, changes(before, after)) for before, after in zip(earlier, in_turn, strict=False)]
    return past[::-1]


def changes(before: LabelRevision | None, after: LabelRevision) -> list[Change]:
    """The labels that differ; none for the first revision."""
    if before is None:
        return []
    old, new = _texts(before), _texts(after)
    differing = [field for field in _NAMES if old[field] != new[field]]
    return [Change(str(_NAMES[field]), old[field], new[field]) for field in differing]


def _texts(one: LabelRevision) -> dict[str, str]:
    meanings = taxonomy.meanings(one.taxonomy_id)
    strength = str(one.preference_strength or "")
    return {
        "disposition": _label(Disposition, one.disposition),
        "agent_correct": _label(AgentCorrect, one.agent_correct),
        "failure_primary": meanings.title(one.failure_primary) if one.failure_primary else "",
        "failure_modes": _beside(one, meanings),
        "first_error_index": _step(one.first_error_index),
        "root_cause_index": _step(one.root_cause_index),
        "step_labels": _steps(one.step_labels),
        "tool_fault": _fault(one.tool_fault),
        "responsible": _label(Responsible, one.responsible),
        "missed_checkpoint": one.missed_checkpoint,
        "external_codes": ", ".join(one.external_codes),
        "escalation_needed": _flag(one.escalation_needed),
        "category_correct": _flag(one.category_correct),
        "deterministic_rule": one.deterministic_rule,
        "must": "\n".join(one.must),
        "must_not": "\n".join(one.must_not),
        "preference_strength": str(_STRENGTHS[strength]) if strength else "",
        "pair_at_index": "" if one.pair_at_index is None else _message(one.pair_at_index),
        "note": one.note,
        "training_allowed": "" if one.training_allowed else _("not allowed"),
    }


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _beside(one: LabelRevision, meanings: Meanings) -> str:
    beside = [mode for mode in one.failure_modes if mode not in (one.failure_primary, FailureMode.NONE)]
    return ", ".join(map(meanings.title, beside))


def _step(index: int | None) -> str:
    return "" if index is None else _("step %(number)s") % {"number": index + 1}


def _message(index: int) -> str:
    return _("message %(number)s") % {"number": index + 1}


def _steps(labels: Mapping[str, str]) -> str:
    in_turn = sorted(labels.items(), key=lambda item: int(item[0]))
    return ", ".join(f"{int(at) + 1} {small(_label(StepLabel, label))}" for at, label in in_turn)


def _fault(fault: Mapping[str, str] | None) -> str:
    return f"{fault['tool']}: {_label(Fault, fault['kind'])}" if fault else ""


def _flag(said: bool | None) -> str:
    if said is None:
        return ""
    return _("Yes") if said else _("No")
