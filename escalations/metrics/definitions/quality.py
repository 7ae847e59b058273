"""What people found: of the agents, and of each other."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics.registry import Metric, Part, Shape
from escalations.models import AgentCorrect, FailureMode

_MODES = tuple(Part(mode.value, mode.label) for mode in FailureMode)

METRICS = [
    Metric(
        "override",
        _("Override rate"),
        _("Decided otherwise than the agent proposed ÷ decided where it proposed something."),
        "quality",
        Shape.SHARE,
        parts=(
            Part("overrode", _("decided otherwise"), "warn"),
            Part("agreed", _("as proposed"), "good"),
        ),
        share="overrode",
        label="confidence",
        better="down",
    ),
    Metric(
        "considered",
        _("Hasty approvals"),
        _(
            "Approvals by somebody who had the case for less time than the question takes to read (2 s and a "
            "second for each 20 characters of the headline) ÷ approvals."
        ),
        "quality",
        Shape.SHARE,
        parts=(Part("hasty", _("hasty"), "bad"), Part("considered", _("considered"), "good")),
        unit="seconds",
        share="hasty",
        label="operator",
        better="down",
        has_values=True,
    ),
    Metric(
        "edit_distance",
        _("Edit distance"),
        _(
            "How much of the proposal an edit changed: Levenshtein distance ÷ length of the longer text, of "
            "the arguments or of the answer."
        ),
        "quality",
        Shape.VALUES,
        unit="share",
        label="operator",
        better="down",
    ),
    Metric(
        "over_escalation",
        _("Over-escalation"),
        _("The agent would have been right ÷ cases labelled so or otherwise, audits left out."),
        "quality",
        Shape.SHARE,
        parts=tuple(Part(one.value, one.label) for one in AgentCorrect),
        share="yes",
        label="reason",
        better="down",
    ),
    Metric(
        "brier",
        _("Brier score of audits"),
        _(
            "Square of how far the confidence of a run was from what its audit found, 1 for right and 0 for "
            "not: 0 is best, 0.25 is what 50% each time gets."
        ),
        "quality",
        Shape.VALUES,
        unit="score",
        label="confidence_source",
        better="down",
    ),
    Metric(
        "agreement",
        _("Agreement"),
        _(
            "Blind second looks with the same labels for right or wrong, for what went wrong and for the "
            "first error ÷ second looks. Agreement has κ and α."
        ),
        "quality",
        Shape.SHARE,
        parts=(Part("same", _("the same"), "good"), Part("different", _("different"), "warn")),
        share="same",
        label="operator",
        better="up",
        counts_cases=False,
    ),
    Metric(
        "failure",
        _("Failure modes"),
        _("Share of the labelled cases by what went wrong first, as the operator judged."),
        "quality",
        Shape.PARTS,
        parts=_MODES,
    ),
    Metric(
        "first_error",
        _("First error"),
        _(
            "Cases by the step in which the first error was found. Pages and charts count steps from 1, "
            "files of rows and the API from 0."
        ),
        "quality",
        Shape.VALUES,
        parts=_MODES,
        unit="step",
        label="step",
    ),
    Metric(
        "checkpoints",
        _("Checkpoints passed"),
        _(
            "Outputs of steps that passed their checkpoint ÷ outputs that were checked, of the newest 10,000 "
            "of the period. Queues do not apply."
        ),
        "quality",
        Shape.SHARE,
        parts=(Part("passed", _("passed"), "good"), Part("failed", _("failed"), "bad")),
        share="passed",
        unit="outputs",
        label="checkpoint",
        better="up",
        rolled_up=False,
        counts_cases=False,
    ),
    Metric(
        "missed_checkpoints",
        _("Missed checkpoints"),
        _("Cases by the checkpoint that would have caught the error, as the operator judged."),
        "quality",
        Shape.COUNT,
        parts=_MODES,
        label="checkpoint",
        better="down",
    ),
    Metric(
        "root_cause",
        _("Root cause"),
        _(
            "Cases by the step in which the cause of the error lay. Pages and charts count steps from 1, "
            "files of rows and the API from 0."
        ),
        "quality",
        Shape.VALUES,
        parts=_MODES,
        unit="step",
        label="step",
    ),
    Metric(
        "responsible",
        _("Responsible"),
        _("Cases where something went wrong by whose fault it was, as the operator judged."),
        "quality",
        Shape.COUNT,
        parts=_MODES,
        label="responsible",
    ),
    Metric(
        "tool_faults",
        _("Tool faults"),
        _("Cases where something went wrong by the tool that failed and how, as the operator judged."),
        "quality",
        Shape.COUNT,
        parts=_MODES,
        label="tool",
        better="down",
    ),
    Metric(
        "external_codes",
        _("Published codes"),
        _("Codes of MAST and AgentRx that the operator gave; a case can have several."),
        "quality",
        Shape.COUNT,
        parts=_MODES,
        label="code",
        counts_cases=False,
    ),
    Metric(
        "detectors",
        _("Suggestions overridden"),
        _("Suggested labels that the person did not take ÷ suggested labels, without undone decisions."),
        "quality",
        Shape.SHARE,
        parts=(Part("overridden", _("overridden"), "warn"), Part("accepted", _("accepted"), "good")),
        share="overridden",
        label="detector",
        better="down",
        counts_cases=False,
    ),
]
