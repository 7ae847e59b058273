"""What a resolved case costs."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics.registry import Metric, Part, Shape

METRICS = [
    Metric(
        "cost",
        _("Cost per resolved case"),
        _(
            "What the agent's run cost + the operators' time × the hourly rate of each. "
            "A run whose cost the agent did not report counts as $0."
        ),
        "cost",
        Shape.VALUES,
        parts=(Part("reported", _("agent's cost known")),),
        unit="usd",
        better="down",
    ),
    Metric(
        "agent_cost",
        _("Agent's part of the cost"),
        _("What the agent's run cost. A run whose cost the agent did not report counts as $0."),
        "cost",
        Shape.VALUES,
        unit="usd",
        better="down",
    ),
    Metric(
        "people_cost",
        _("Operators' part of the cost"),
        _("The operators' time on a resolved case × the hourly rate of each."),
        "cost",
        Shape.VALUES,
        unit="usd",
        better="down",
    ),
    Metric(
        "run_time",
        _("Agent's time"),
        _("How long the agent's run took, of the resolved cases for which it reported that."),
        "cost",
        Shape.VALUES,
        unit="seconds",
        better="down",
    ),
    Metric(
        "retries",
        _("Retries"),
        _("How often the agent's run tried again, of the resolved cases for which it reported that."),
        "cost",
        Shape.VALUES,
        unit="retries",
        better="down",
    ),
    Metric(
        "could_be_code",
        _("Could be code"),
        _("Resolved cases for which the operator named a fixed rule ÷ resolved cases with labels."),
        "cost",
        Shape.SHARE,
        parts=(Part("code", _("could be code")), Part("judgement", _("needs judgement"))),
        share="code",
    ),
]
