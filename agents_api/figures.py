"""What this door adds to the metrics of the desk."""

from django.utils.translation import gettext_lazy as _

from escalations.metrics import Metric, Part, Shape, register


def register_all() -> None:
    """Add them, once, when the application starts."""
    register([_WEBHOOKS])


# Their rows change without an event of the case and are forgotten after a month, so nothing is counted ahead.
_WEBHOOKS = Metric(
    "webhooks",
    _("Webhooks given up"),
    _("Webhooks that could not be delivered ÷ webhooks delivered or given up, of those made in the period."),
    "delivery",
    Shape.SHARE,
    parts=(Part("failed", _("given up"), "bad"), Part("delivered", _("delivered"), "good")),
    unit="seconds",
    share="failed",
    label="event",
    better="down",
    has_values=True,
    package="agents_api.facts",
    rolled_up=False,
    counts_cases=False,
)
