"""What becomes of decisions, and how the desk itself does."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics.registry import RECEIVED, Metric, Part, Shape

METRICS = [
    Metric(
        "delivery",
        _("Delivery, p95"),
        _("From the decision until the agent had it, of the cases decided in the period."),
        "delivery",
        Shape.VALUES,
        unit="seconds",
        better="down",
        statistic="p95",
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
        "event_lag",
        _("Lag of events, p95"),
        _(
            "From when an event was written until a process read it for open pages: p95 of each minute and "
            "process, of the minutes in which events came. Agents and queues do not apply."
        ),
        "health",
        Shape.VALUES,
        unit="seconds",
        better="down",
        rolled_up=False,
        statistic="p95",
        counts_cases=False,
    ),
    Metric(
        "resyncs",
        _("Re-syncs per hour"),
        _(
            "How often an open page had missed too much and was sent all of it, of the hours in which live "
            "pages were served. Agents and queues do not apply."
        ),
        "health",
        Shape.VALUES,
        unit="re-syncs",
        better="down",
        rolled_up=False,
        counts_cases=False,
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
        counts_cases=False,
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
        counts_cases=False,
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
