"""The kinds of fields that labels are said in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from escalations.models import Fault

TEXT_MAX = 20_000
NAME_MAX = 200
SENTENCES_MAX, SENTENCE_MAX = 50, 2_000
YES_NO = [("", gettext_lazy("Not said")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
STRENGTHS = [
    ("", gettext_lazy("Not said")),
    ("1", gettext_lazy("Slightly")),
    ("2", gettext_lazy("Clearly")),
    ("3", gettext_lazy("By far")),
]
FAULTS = [("", gettext_lazy("None")), *((kind.value, kind.label) for kind in Fault if kind != Fault.OK)]


def choice(choices: Any, *, required_text: Any) -> forms.ChoiceField:
    """Radio buttons of which one must be chosen."""
    return forms.ChoiceField(
        choices=choices, widget=forms.RadioSelect, error_messages={"required": required_text}
    )


def maybe(choices: Any, read: Callable[[str], Any] = str, *, empty: Any = None) -> forms.TypedChoiceField:
    """Radio buttons of which none need be chosen."""
    return forms.TypedChoiceField(
        required=False, choices=choices, coerce=read, empty_value=empty, widget=forms.RadioSelect
    )


def is_yes(said: str) -> bool:
    return said == "yes"
