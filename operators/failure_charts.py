"""The charts of the page of failures."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from escalations.metrics import METRICS, Figure, Scope
from escalations.models import FailureMode
from operators import columns
from operators.charts import MODE_TONES, Cell, Chart, Row, Table
from operators.templatetags.desk import whole

_NO_FAILURE = FailureMode.NONE.value
# Beyond so many, steps at which nothing was found are left out.
_STEPS_MAX = 60


def histogram(by_step: Mapping[int, Figure], scope: Scope, mode: str) -> Chart:
    """At which step the first error was, by mode; of one mode alone if one is chosen."""
    last = max(by_step, default=-1)
    steps = range(last + 1) if last < _STEPS_MAX else sorted(by_step)
    rows = [Row(str(step), step, scope, of_label=str(step)) for step in steps]
    table = Table(_("Step"), rows, {"first_error": dict(by_step)})
    shown = [
        columns.part_count("first_error", name, tone or "soft")
        for name, tone in MODE_TONES.items()
        if any(figure.parts.get(name) for figure in by_step.values()) and mode in ("", name)
    ]
    hint = _("cases by the step at which it was, counted from 0")
    return table.chart("first-errors", _("First error"), hint, "stacked", "cases", *shown)


def counted(id_: str, title: str, hint: str, heading: str, found: Sequence[tuple[str, int, str]]) -> Chart:
    """A bar for each name: name, number, and the address of its cases where there is one."""
    points = [{"value": n, "href": url} if url else n for _name, n, url in found]
    names = [name for name, _n, _url in found]
    line = {"name": _("cases"), "tone": "accent", "data": points}
    data = {"type": "bar", "unit": _("cases"), "zero": True, "whole": True, "x": names, "series": [line]}
    rows = [(name, [Cell(whole(n), url, n)]) for name, n, url in found]
    return Chart(id_, title, hint, data, [heading, _("cases")], rows)


def mode_titles() -> dict[str, str]:
    """What modes are called, by their names in addresses."""
    return {part.name: str(part.title) for part in METRICS["failure"].parts if part.name != _NO_FAILURE}
