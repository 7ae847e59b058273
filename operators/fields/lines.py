"""Lists as people type them: one item a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LinesField(forms.CharField):
    """A list of texts, one a line; empty lines and what stands there twice are left out."""

    def __init__(
        self, *, most: int, longest: int, rows: int = 2, spellcheck: bool = True, **options: Any
    ) -> None:
        self.most, self.longest = most, longest
        attrs = {"rows": rows} | ({} if spellcheck else {"spellcheck": "false"})
        super().__init__(required=False, widget=forms.Textarea(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in str(super().clean(value)).splitlines()]
        items = list(dict.fromkeys(line for line in lines if line))
        if len(items) > self.most:
            raise ValidationError(_("At most %(count)s lines fit.") % {"count": self.most})
        if long := next((item for item in items if len(item) > self.longest), None):
            words = _("“%(start)s…” has more than %(count)s characters.")
            raise ValidationError(words % {"start": long[:40], "count": self.longest})
        return items
