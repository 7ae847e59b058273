"""How cases go from hand to hand."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

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
    ),
    Metric(
        "bounces",
        _("Bounces"),
        _("Claims of a case beyond the first, of the cases resolved in the period."),
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
    ),
]
