"""For the pages on which labels are given or shown."""

from django import template
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from escalations.labels.taxonomy import Mode
from escalations.models import Resolution
from operators.labels import rows as label_rows
from operators.labels import words as label_words
from operators.labels.forms.labels import LabelsForm
from operators.labels.rows import Row
from operators.rendering.formatting import small
from operators.rendering.markdown import render_markdown

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


@register.filter
def guide(text: str) -> SafeString:
    """A guideline, which admins write, with its headings as parts of the page."""
    return render_markdown(text, heading="h3")


@register.filter
def labels_said(resolution: Resolution) -> list[tuple[str, str]]:
    """The labels in force of a decision, as names and words."""
    in_force = [one for one in resolution.revisions.all() if one.superseded_at is None and not one.is_blind]
    return label_words.said(in_force[0]) if in_force else []


@register.filter
def past(resolution: Resolution) -> list[label_words.Past]:
    """All revisions of a decision but the blind ones, the newest first, each with what it changed."""
    return label_words.history(resolution.revisions.all())
