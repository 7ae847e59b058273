"""Days as people choose them."""

from typing import Any

from django import forms


class DayField(forms.DateField):
    """A day of the browser's own date picker, which takes one format in every language. May be left out."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **options)
