"""Charts of agent versions beside each other. `versions` gives (agent, version) by id."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalations.metrics import Scope
from operators.metrics.charts import columns
from operators.metrics.charts.chart import MODE_TONES, Chart, Row, Series, Table

Versions = Mapping[int, tuple[str, str]]


def by_version(series: Series, versions: Versions, scope: Scope) -> list[Chart]:
    """What is asked of each agent version; `versions` gives (agent, version) by id."""
    overrides = _versions("override", series, versions, scope).chart(
        "overrides",
        _("Override rate"),
        # xgettext:no-python-format
        _("% of proposals"),
        "bar",
        "%",
        columns.share("override", _("decided otherwise"), "accent"),
        columns.count("override"),
        columns.part_count("override", "overrode"),
    )
    return [
        overrides,
        costs_by_version(series, versions, scope),
        modes_by_version(series, versions, scope),
    ]


def modes_by_version(series: Series, versions: Versions, scope: Scope) -> Chart:
    """What went wrong in each version."""
    modes = (columns.part_share("failure", mode, tone) for mode, tone in MODE_TONES.items())
    chart = _versions("failure", series, versions, scope).chart(
        "failures",
        _("Failure modes"),
        # xgettext:no-python-format
        _("% of labelled cases"),
        "stacked",
        "%",
        columns.count("failure"),
        *modes,
    )
    return replace(chart, is_wide=True)


def costs_by_version(series: Series, versions: Versions, scope: Scope) -> Chart:
    """What a resolved case of each version costs."""
    return _versions("cost", series, versions, scope).chart(
        "costs",
        _("Cost per resolved case"),
        _("mean, US dollars"),
        "stacked",
        "USD",
        columns.count("cost"),
        columns.mean_cost("people_cost", _("operators"), "accent"),
        columns.mean_cost("agent_cost", pgettext("part of a cost", "agent"), "soft"),
        columns.mean_cost("cost", _("together")),
    )


def minutes_by_version(series: Series, versions: Versions, scope: Scope) -> Chart:
    """How long a resolved case of each version took its agent, and people."""
    return _versions("handle", series, versions, scope).chart(
        "minutes",
        _("Minutes per resolved case"),
        _("mean"),
        "stacked",
        "min",
        columns.count("handle"),
        columns.mean_minutes("handle", _("operators"), "accent"),
        columns.mean_minutes("run_time", pgettext("part of a cost", "agent"), "soft"),
    )


def retries_by_version(series: Series, versions: Versions, scope: Scope) -> Chart:
    """How often runs tried again."""
    return _versions("retries", series, versions, scope).chart(
        "retries",
        _("Retries"),
        _("mean of the runs that reported them"),
        "bar",
        "",
        columns.count("retries"),
        columns.mean("retries", _("retries"), "warn"),
    )


def _versions(metric: str, series: Series, versions: Versions, scope: Scope) -> Table:
    rows = [
        Row(f"{agent} {name}", key, replace(scope, agent=agent, version=name))
        for key, (agent, name) in versions.items()
        if key in series[metric]
    ]
    return Table(_("Version"), rows, series)
