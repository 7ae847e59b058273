"""The kinds of fields that labels are said in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.models import Fault

TEXT_MAX = 20_000
NAME_MAX = 200
_LINES_MAX, _LINE_MAX = 50, 2_000
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


class Sentences(forms.CharField):
    """A list of sentences, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 2}), **options)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in str(super().clean(value)).splitlines()]
        sentences = list(dict.fromkeys(line for line in lines if line))
        if len(sentences) > _LINES_MAX:
            raise ValidationError(_("At most %(count)s lines fit.") % {"count": _LINES_MAX})
        if any(len(sentence) > _LINE_MAX for sentence in sentences):
            raise ValidationError(_("A line has at most %(count)s characters.") % {"count": _LINE_MAX})
        return sentences


def is_yes(said: str) -> bool:
    return said == "yes"
