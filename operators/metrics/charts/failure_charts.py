"""The charts of the page of failures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.metrics import METRICS, Figure, Scope
from escalations.models import FailureMode
from operators.metrics import words
from operators.metrics.charts import columns
from operators.metrics.charts.chart import MODE_TONES, Cell, Chart, Row, Table, of_rows
from operators.metrics.filters import cases_url
from operators.rendering.formatting import whole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_NO_FAILURE = FailureMode.NONE.value
# Beyond so many, steps at which nothing was found are left out.
_STEPS_MAX = 60
_MOST = 20
# What the numbers of each are told apart by, and how that column is headed.
_SAID: "dict[str, tuple[StrOrPromise, StrOrPromise]]" = {
    "missed_checkpoints": (gettext_lazy("what would have caught the error"), gettext_lazy("Checkpoint")),
    "root_cause": (gettext_lazy("by step"), gettext_lazy("Step")),
    "responsible": (gettext_lazy("whose fault"), gettext_lazy("Who")),
    "tool_faults": (gettext_lazy("by tool and kind"), gettext_lazy("Tool")),
    "external_codes": (gettext_lazy("of MAST and AgentRx"), gettext_lazy("Code")),
}


def histogram(by_step: Mapping[int, Figure], scope: Scope, mode: str) -> Chart:
    """At which step the first error was, by mode; of one mode alone if one is chosen."""
    last = max(by_step, default=-1)
    steps = range(last + 1) if last < _STEPS_MAX else sorted(by_step)
    rows = [Row(str(step + 1), step, scope, of_label=str(step)) for step in steps]
    table = Table(_("Step"), rows, {"first_error": dict(by_step)})
    shown = [
        columns.part_count("first_error", name, tone or "soft")
        for name, tone in MODE_TONES.items()
        if any(figure.parts.get(name) for figure in by_step.values()) and mode in ("", name)
    ]
    hint = _("by step")
    return table.chart("first-errors", _("First error"), hint, "stacked", "cases", *shown)


def counted(name: str, found: Sequence[tuple[str, int]], scope: Scope, mode: str) -> Chart:
    """A bar for each label of a metric, with so many cases, of one mode or of all; the most, or by step."""
    metric, (hint, heading) = METRICS[name], _SAID[name]
    if metric.label == "step":
        shown = sorted(found, key=lambda one: int(one[0]))[:_STEPS_MAX]
    else:
        shown = list(found[:_MOST])
    names = words.labels(metric, [label for label, _n in shown])
    rows = [
        (names[label], [Cell(whole(n), cases_url(scope, metric, mode, label=label), n)]) for label, n in shown
    ]
    headings = [str(heading), _("cases")]
    chart_id = name.replace("_", "-")
    return of_rows(chart_id, str(metric.title), str(hint), "bar", "cases", headings, rows)


def mode_titles() -> dict[str, str]:
    """What modes are called, by their names in addresses."""
    return {part.name: str(part.title) for part in METRICS["failure"].parts if part.name != _NO_FAILURE}
