"""For the pages on which labels are given or shown."""

from django import template
from django.forms import BoundField
from django.utils.functional import Promise

from escalations.taxonomy import Mode
from operators import label_rows
from operators.forms.labels import LabelsForm
from operators.label_rows import Row
from operators.templatetags.desk import small

register = template.Library()


@register.filter
def called(mode: Mode) -> str:
    """How a failure mode is called within a line; a desk's own words stand as they were written."""
    return small(mode.title) if isinstance(mode.title, Promise) else mode.title


@register.filter
def suggested_rows(form: LabelsForm) -> list[Row]:
    """The labels beyond the first few in which something is suggested."""
    return label_rows.suggested(form)


@register.filter
def folded_rows(form: LabelsForm) -> list[Row]:
    """The other labels beyond the first few."""
    return label_rows.folded(form)


@register.filter
def mark_of(form: LabelsForm | None, number: int) -> BoundField | None:
    """The field in which a step is called good or bad; steps are numbered from 1."""
    fields = form.step_fields if form else []
    return fields[number - 1] if number <= len(fields) else None
