"""The figures of the desk: one definition each, and what computes them."""

from escalations.metrics.definitions import METRICS, Metric, Part
from escalations.metrics.figures import Figure, breakdown, cases, measure, series
from escalations.metrics.passing import Passing, passing
from escalations.metrics.scope import Scope
from escalations.metrics.statistics import ENOUGH, wilson

__all__ = [
    "ENOUGH",
    "METRICS",
    "Figure",
    "Metric",
    "Part",
    "Passing",
    "Scope",
    "breakdown",
    "cases",
    "measure",
    "passing",
    "series",
    "wilson",
]
