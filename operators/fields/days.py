"""Days and moments as people choose them and addresses have them."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_FIRST, _LAST = 2000, 2999


def in_a_year_within_reason(value: date) -> None:
    """No year that is half typed, or at the end of what can be counted with.

    Raises:
        ValidationError: it is one.
    """
    if not _FIRST <= value.year <= _LAST:
        raise ValidationError(_("Give a year from %(first)s to %(last)s.") % {"first": _FIRST, "last": _LAST})


WITHIN_REASON = (in_a_year_within_reason,)


class DayField(forms.DateField):
    """A day of the browser's own date picker, which takes one format in every language. May be left out."""

    default_validators = [*WITHIN_REASON]

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **options)
