"""How long things take, and whether that was in time."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.metrics.registry import PICKED_UP, RECEIVED, Metric, Part, Shape

_MET = (
    Part("met", _("in time"), "good"),
    Part("breached", pgettext_lazy("cases", "breached"), "bad"),
)

METRICS = [
    Metric(
        "pickup",
        _("Time to pickup"),
        _("First claim − received, of the cases first claimed in the period."),
        "time",
        Shape.VALUES,
        PICKED_UP,
        unit="seconds",
        better="down",
    ),
    Metric(
        "pickup_business",
        _("Time to pickup, business time"),
        _("First claim − received in the opening hours of the queue's calendar."),
        "time",
        Shape.VALUES,
        PICKED_UP,
        unit="seconds",
        better="down",
    ),
    Metric(
        "wait",
        _("Wait until pickup, with those who still wait"),
        _(
            "Of the cases received: how long until the first claim, by Kaplan and Meier, so that "
            "cases nobody claimed count with the time that they waited."
        ),
        "time",
        Shape.PARTS,
        RECEIVED,
        parts=(
            Part("claimed", _("claimed"), "good"),
            Part("left", _("closed unclaimed"), "warn"),
            Part("waiting", _("still waiting"), "bad"),
        ),
        unit="seconds",
        counts_open=True,
        better="down",
        has_values=True,
        is_censored=True,
    ),
    Metric(
        "service_level",
        _("Service level"),
        _(
            "Claimed within the target ÷ received, as far as the wait ended or passed the target. What was "
            "withdrawn within 5 s is left out; what expired or was withdrawn later is not."
        ),
        "time",
        Shape.SHARE,
        RECEIVED,
        parts=(Part("within", _("within the target"), "good"), Part("beyond", _("beyond it"), "bad")),
        share="within",
        counts_open=True,
        better="up",
    ),
    Metric(
        "pickup_sla",
        _("SLA kept, pickup"),
        _(
            "Claimed in time ÷ (claimed in time + too late or still unclaimed past due), "
            "of the cases received, in the newest cycle of each."
        ),
        "time",
        Shape.SHARE,
        RECEIVED,
        parts=_MET,
        share="met",
        counts_open=True,
        better="up",
    ),
    Metric(
        "resolution_sla",
        _("SLA kept, resolution"),
        _(
            "Resolved in time ÷ (resolved in time + closed late or still open past due), "
            "of the cases received."
        ),
        "time",
        Shape.SHARE,
        RECEIVED,
        parts=_MET,
        share="met",
        counts_open=True,
        better="up",
    ),
    Metric(
        "response_sla",
        _("SLA kept, answers to users"),
        _(
            "Answers that came in time ÷ (in time + too late or still owed past due), in the cases received "
            "whose queue sets a time for them."
        ),
        "time",
        Shape.SHARE,
        RECEIVED,
        parts=_MET,
        share="met",
        counts_open=True,
        better="up",
        counts_cases=False,
    ),
    Metric(
        "resolution",
        _("Time to resolution"),
        _("Resolved − received, waiting included, of the cases resolved in the period."),
        "time",
        Shape.VALUES,
        unit="seconds",
        better="down",
    ),
    Metric(
        "resolution_net",
        _("Time to resolution, without waiting"),
        _("Resolved − received without the time in which the case waited for a reply."),
        "time",
        Shape.VALUES,
        unit="seconds",
        better="down",
    ),
    Metric(
        "resolution_business",
        _("Time to resolution, business time"),
        _("Resolved − received without waiting, in the opening hours of the queue's calendar."),
        "time",
        Shape.VALUES,
        unit="seconds",
        better="down",
    ),
    Metric(
        "handle",
        _("Handle time"),
        _(
            "How long people held a case, all claims together, of the cases resolved in the period. Wrap-up "
            "belongs to a person and to no case, so it does not count."
        ),
        "time",
        Shape.VALUES,
        unit="seconds",
        label="operator",
    ),
]
