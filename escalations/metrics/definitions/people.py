"""How cases go from hand to hand."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.metrics.registry import RECEIVED, Metric, Part, Shape

_OFFERS_KEPT = timedelta(days=29)

METRICS = [
    Metric(
        "offers",
        _("Offers accepted"),
        _("Accepted ÷ (accepted + declined + timed out), of the offers made in the period."),
        "people",
        Shape.SHARE,
        RECEIVED,
        parts=(
            Part("accepted", _("accepted"), "good"),
            Part("declined", _("declined"), "warn"),
            Part("missed", _("timed out"), "bad"),
        ),
        unit="seconds",
        share="accepted",
        label="operator",
        better="up",
        has_values=True,
        forgotten_after=_OFFERS_KEPT,
        counts_cases=False,
    ),
    Metric(
        "lost_leases",
        _("Lost claims"),
        _(
            "Claims that ran out because nobody was there ÷ claims that are over, of those "
            "begun in the period."
        ),
        "people",
        Shape.SHARE,
        RECEIVED,
        parts=(Part("lost", _("ran out"), "bad"), Part("ended", _("ended otherwise"))),
        share="lost",
        label="operator",
        better="down",
        counts_cases=False,
    ),
    Metric(
        "transfers",
        _("Passed on"),
        _("Claims that ended by passing the case on ÷ cases resolved."),
        "people",
        Shape.RATE,
        RECEIVED,
        per="resolution",
        label="operator",
        better="down",
        counts_cases=False,
    ),
    Metric(
        "bounces",
        _("Bounces"),
        _(
            "Claims of a case beyond the first, of the cases resolved in the period. To take a decision back "
            "is no claim."
        ),
        "people",
        Shape.VALUES,
        unit="claims",
        better="down",
    ),
    Metric(
        "reopens",
        _("Reopened"),
        _(
            "Decisions whose case was reopened within 7 days ÷ decisions. Those of the last "
            "7 days may still be."
        ),
        "people",
        Shape.SHARE,
        parts=(Part("reopened", _("reopened"), "bad"), Part("stayed", _("stayed closed"), "good")),
        share="reopened",
        label="operator",
        matures=timedelta(days=7),
        better="down",
        counts_cases=False,
    ),
    Metric(
        "occupancy",
        _("Occupancy"),
        _(
            "Time in which a person was available and held a case ÷ time in which they were available, "
            "looked at each quarter of an hour. It is about people: agents and queues do not apply."
        ),
        "people",
        Shape.SHARE,
        parts=(Part("busy", _("held a case")), Part("free", _("held none"), "soft")),
        unit="looks",
        share="busy",
        label="operator",
        rolled_up=False,
        frame="looks",
        counts_cases=False,
    ),
    Metric(
        "capacity_use",
        _("Use of capacity"),
        _(
            "Weight of the cases that available people held, up to their capacity ÷ their capacity, as both "
            "are set today, looked at each quarter of an hour. Agents and queues do not apply."
        ),
        "people",
        Shape.SHARE,
        parts=(Part("used", _("used")), Part("free", pgettext_lazy("capacity", "free"), "soft")),
        unit="looks",
        share="used",
        label="operator",
        rolled_up=False,
        frame="looks",
        counts_cases=False,
    ),
    Metric(
        "fairness",
        _("Evenness of offers"),
        _(
            "Gini coefficient of offers ÷ hours, over people with an hour or more: 0 is all alike, near 1 is "
            "nearly all to one. The hours are those in which a person was available and a case was offered "
            "that fits their queues and skills, for 29 days. Agents and queues do not apply."
        ),
        "people",
        Shape.GINI,
        parts=(
            Part("offers", _("offers")),
            Part("hours", _("hours available"), "soft"),
        ),
        unit="hours",
        share="offers",
        label="operator",
        rolled_up=False,
        better="down",
        counts_cases=False,
    ),
    Metric(
        "offers_per_hour",
        _("Offers per available hour"),
        _(
            "Offers ÷ hours available, of each person and day (UTC) with an hour or more, for 29 days: the "
            "less they differ, the more evenly work is offered. Agents and queues do not apply."
        ),
        "people",
        Shape.VALUES,
        unit="offers",
        label="operator",
        rolled_up=False,
        counts_cases=False,
    ),
]
