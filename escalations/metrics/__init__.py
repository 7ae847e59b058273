"""The figures of the desk. Pages, CSV, the API and docs/metrics.md read this, and nothing else counts.

**A metric is a statement that gives facts.** `facts/<name>.sql` selects one row for each thing that counts:

    case_id     the case it is about
    at          when it happened: it counts in the period that this lies in
    version_id  the agent version; queue_id: the queue; what figures are narrowed to and told apart by
    part        which part of the metric it is in, '' for none: in time or breached, say
    label       what else it can be told apart by, '' for nothing: the operator, the step, the detector …
    value       what percentiles are taken of, in the metric's unit; null where only counts matter
    settled     false while time alone can change it: such facts are counted when they are asked for

Where facts are not counted ahead (`rolled_up=False`), it may name the period: `%(since)s` and `%(until)s`.

`definitions.py` says of each in words what it means and what its figure is (`Shape`): a count, a share of a
part, percentiles, a rate per another metric, or the shares of all parts. All else follows from the facts:

    METRICS                          by name; `register` adds to it
    measure(names, scope)            {name: Figure}
    compare(names, scope)            {name: Compared}: with the period of the same length before
    series(names, scope)             {name: {start of hour or day: Figure}}, the keys out of `scope.buckets()`
                                     (of the backlog: how many were open at its end)
    breakdown(names, scope, by)      {name: {key: Figure}}, by "version" (ids), "agent", "queue" or "label"
    is_ahead(scope)                  whether they were counted ahead; the others take that as `ahead`
    rows(metric, scope, …)           the facts one by one, the newest first; `page` by page, `all_rows`
    cases(metric, scope, part)       a queryset of the cases that a figure counts
    waiting(scope)                   Kaplan and Meier's estimate of the time to pickup, with who still waits;
                                     `waiting_by` and `waiting_over_time` have it by the keys of the others

A `Figure` has `n`, `parts`, `p50`, `p90`, `p95`, `mean`, `share` with its `interval`, and `value`, the one
number that stands for it. `is_enough` says whether there are facts enough to name a rate at all.
"""

from escalations.metrics import definitions
from escalations.metrics.figure import Figure
from escalations.metrics.figures import BY, Compared, breakdown, compare, is_ahead, measure, series
from escalations.metrics.passing import Passing, passing
from escalations.metrics.registry import METRICS, Metric, Part, Shape, register
from escalations.metrics.rows import NO_LABEL, Place, Row, all_rows, cases, page, rows
from escalations.metrics.scope import Scope
from escalations.metrics.standing import open_cases
from escalations.metrics.statistics import ENOUGH, wilson
from escalations.metrics.survival import Survival, kaplan_meier, waiting, waiting_by, waiting_over_time

__all__ = [
    "BY",
    "ENOUGH",
    "METRICS",
    "NO_LABEL",
    "Compared",
    "Figure",
    "Metric",
    "Part",
    "Passing",
    "Place",
    "Row",
    "Scope",
    "Shape",
    "Survival",
    "all_rows",
    "breakdown",
    "cases",
    "compare",
    "definitions",
    "is_ahead",
    "kaplan_meier",
    "measure",
    "open_cases",
    "page",
    "passing",
    "register",
    "rows",
    "series",
    "waiting",
    "waiting_by",
    "waiting_over_time",
    "wilson",
]
