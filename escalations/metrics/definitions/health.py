"""What becomes of decisions, and how the desk itself does."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics.registry import RECEIVED, Metric, Part, Shape

METRICS = [
    Metric(
        "delivery",
        _("Delivery"),
        _("From the decision until the agent had it, of the cases decided in the period."),
        "delivery",
        Shape.VALUES,
        unit="seconds",
        better="down",
    ),
    Metric(
        "late_decisions",
        _("Decisions too late"),
        _("Decisions that came too late for the agent ÷ decisions that it acknowledged."),
        "delivery",
        Shape.SHARE,
        parts=(Part("late", _("too late"), "bad"), Part("in_time", _("in time"), "good")),
        share="late",
        better="down",
    ),
    Metric(
        "sweeper_lag",
        _("Lag of the sweeps"),
        _("How long ago each sweep finished. The period does not apply."),
        "health",
        Shape.VALUES,
        unit="seconds",
        label="sweep",
        is_now=True,
        better="down",
    ),
    Metric(
        "overdue_timers",
        _("Overdue timers"),
        _("Timers that should have rung by now. The period does not apply."),
        "health",
        Shape.COUNT,
        unit="seconds",
        label="timer",
        is_now=True,
        better="down",
        has_values=True,
    ),
    Metric(
        "unroutable",
        _("Cases that nobody can take"),
        _(
            "Cases that wait and that nobody who is ready may take ÷ cases that wait. "
            "The period does not apply."
        ),
        "health",
        Shape.SHARE,
        RECEIVED,
        parts=(
            Part("unroutable", _("nobody"), "bad"),
            Part("routable", _("somebody"), "good"),
        ),
        unit="seconds",
        share="unroutable",
        is_now=True,
        better="down",
        has_values=True,
    ),
]
