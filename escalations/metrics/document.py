"""docs/metrics.md: every metric in words and in SQL, as the registry has it."""

from collections.abc import Iterator
from itertools import groupby

from django.utils import translation

from escalations.metrics import registry
from escalations.metrics.registry import Metric, Shape

_HEAD = """\
# Metrics: one definition each

Written by `manage.py export_metrics` out of `escalations/metrics/`; pages, CSV and `GET /api/v1/metrics`
read the same definitions. Each statement gives facts, a row for each thing that counts: when (`at`), of
which case, agent version and queue, in which `part`, under which `label`, and with which `value`. A fact
counts in the period that its `at` lies in. Shares have Wilson's 95% interval; fewer than 10 facts are "not
enough data". Of values the median stands for times and the mean for all else; cards, tables and files have
p50, p90, p95 and mean. Against the period before, which is as long, the same number is compared everywhere:
shares in points, all else in % of what it was. A change has a colour where it is more than chance: where
the intervals of two shares do not meet, or else from a tenth on. How they are counted:
[0020](decisions/0020-figures-are-counted-ahead-case-by-case.md). In the SQL, `%(service_level)s` is the
setting `SERVICE_LEVEL_SECONDS`, `%(since)s` and `%(until)s` are the period, `%(silent)s` and `%(connected)s`
how long after its last answer a page counts as open: 35 s to be offered work, 60 s to be there. `%(newest)s`
is how many outputs that were checked are looked at, 10,000.

Where a metric looks each quarter of an hour, n counts the looks, for use of capacity × the places looked at.
Looks that follow each other are much alike: the true interval is wider than the one shown.

The lag of events is measured by the processes that keep pages true, each in a row of its own a minute; a
page shows what was read some 0.3 s later at most. Edits from before their distance was kept have none.
"""
_TOPICS = {
    "flow": "Flow",
    "time": "Time",
    "people": "People",
    "quality": "Quality",
    "cost": "Cost",
    "delivery": "Delivery",
    "health": "Health of the desk",
}


def text() -> str:
    """The whole document, in English."""
    with translation.override("en"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD.rstrip()
    order = list(_TOPICS)
    metrics = sorted(registry.METRICS.values(), key=lambda metric: order.index(metric.topic))
    for topic, of_topic in groupby(metrics, key=lambda metric: metric.topic):
        yield f"\n## {_TOPICS[topic]}"
        for metric in of_topic:
            yield from _metric(metric)


def _metric(metric: Metric) -> Iterator[str]:
    yield f"\n### {metric.title} (`{metric.name}`)\n"
    yield str(metric.meaning)
    yield f"\n- Figure: {_figure(metric)}"
    if metric.parts:
        yield "- Parts: " + ", ".join(f"`{part.name}` ({part.title})" for part in metric.parts)
    if metric.label:
        yield f"- Label: {metric.label}"
    if metric.matures:
        yield f"- Settled after {metric.matures.days} days"
    yield f"\n<details><summary>SQL</summary>\n\n```sql\n{metric.sql}\n```\n\n</details>"


def _figure(metric: Metric) -> str:
    measured = f"p50, p90, p95 and mean in {metric.unit}"
    if metric.shape is Shape.SHARE:
        return f"share of `{metric.share}`" + (f"; {measured}" if metric.has_values else "")
    if metric.shape is Shape.RATE:
        return f"count ÷ count of `{metric.per}`"
    if metric.shape is Shape.VALUES:
        return f"{measured}; {metric.stands} stands for it"
    if metric.shape is Shape.GINI:
        return f"Gini coefficient of `{metric.share}` per hour over people"
    words = "the share of each part" if metric.shape is Shape.PARTS else "count"
    if metric.is_censored:
        return f"{words}; Kaplan and Meier's median in {metric.unit}, and no percentiles"
    return words + (f"; {measured}" if metric.has_values else "")
