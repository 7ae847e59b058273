"""What comes, waits and goes unanswered."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics.registry import RECEIVED, Metric, Part, Shape

METRICS = [
    Metric(
        "intake",
        _("Intake"),
        _("Cases received."),
        "flow",
        Shape.COUNT,
        RECEIVED,
        label="reason",
    ),
    Metric(
        "escalated",
        _("Escalations"),
        _("Cases that agents handed off: all received but audits."),
        "flow",
        Shape.COUNT,
        RECEIVED,
        label="reason",
    ),
    Metric(
        "backlog",
        _("Backlog"),
        _(
            "Cases open now and their age: now − received. The period applies to its course alone: "
            "open at a time are those open now, less what was opened since, and with what was closed since."
        ),
        "flow",
        Shape.COUNT,
        RECEIVED,
        parts=(
            Part("fresh", _("up to 15 min"), "soft"),
            Part("quarter", _("15 min to 1 h")),
            Part("hour", _("1 to 4 h")),
            Part("shift", _("4 h to 1 day"), "warn"),
            Part("day", _("over 1 day"), "bad"),
        ),
        unit="seconds",
        label="state",
        is_now=True,
        came=("intake", "opened_again"),
        went=("closed", "closed_for_a_while"),
        better="down",
        has_values=True,
    ),
    Metric(
        "opened_again",
        _("Opened again"),
        _("How often a closed case was opened again: it was reopened, or its decision was taken back."),
        "flow",
        Shape.COUNT,
        label="operator",
        better="down",
        counts_cases=False,
    ),
    Metric(
        "closed",
        _("Closed"),
        _("Cases closed, and not opened again since."),
        "flow",
        Shape.COUNT,
        parts=(
            Part("resolved", _("decided"), "good"),
            Part("expired", _("expired"), "bad"),
            Part("cancelled", _("withdrawn"), "soft"),
        ),
    ),
    Metric(
        "closed_for_a_while",
        _("Closed for a while"),
        _("How often a case was decided that was opened again since."),
        "flow",
        Shape.COUNT,
        label="operator",
        better="down",
        counts_cases=False,
    ),
    Metric(
        "drain",
        _("Drain forecast"),
        _(
            "For each open case, when all that is open in its queue would be done if nothing more came: "
            "backlog × mean handle time ÷ what those available there can hold at once. "
            "The period does not apply."
        ),
        "flow",
        Shape.VALUES,
        RECEIVED,
        parts=(
            Part("served", _("somebody is available")),
            Part("deserted", _("nobody is available"), "bad"),
        ),
        unit="seconds",
        is_now=True,
        better="down",
    ),
    Metric(
        "abandonment",
        _("Abandoned"),
        _("Withdrawn by the agent before the first claim, 5 s or later ÷ intake."),
        "flow",
        Shape.RATE,
        per="intake",
        better="down",
    ),
    Metric(
        "expiry",
        _("Expired"),
        _("Closed by the agent's hard limit with nobody's decision ÷ intake."),
        "flow",
        Shape.RATE,
        per="intake",
        better="down",
    ),
    Metric(
        "repeats",
        _("Repeat handoffs"),
        _(
            "Received within 24 h of a decision on the same conversation of the same agent ÷ "
            "received with one."
        ),
        "flow",
        Shape.SHARE,
        RECEIVED,
        parts=(Part("repeated", _("repeated"), "warn"), Part("first", _("first"))),
        share="repeated",
        better="down",
    ),
]
