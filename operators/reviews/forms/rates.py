"""How many decisions get a second look, in percent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.reviews.rates import Rates


def _percent(label: Any, help_text: Any) -> forms.FloatField:
    return forms.FloatField(label=label, help_text=help_text, min_value=0, max_value=100)


class RatesForm(forms.Form):
    """The rates that are set, or those typed."""

    right = _percent(
        _("Audits marked right, in percent"),
        _("Drawn so that nobody can tell which. A tenth is usual."),
    )
    ordinary = _percent(
        _("Other decided cases, in percent"),
        _("So that it is known how far people agree on the cases of every day, too."),
    )
    gold = _percent(
        _("Gold items among reviews, in percent"),
        _("Cases whose labels are known, to see how well people label. Nobody is told which they are."),
    )

    def __init__(self, kept: Rates, data: Mapping[str, Any] | None = None) -> None:
        initial = {name: f"{100 * share:g}" for name, share in vars(kept).items()}
        super().__init__(data, initial=initial)

    @property
    def rates(self) -> Rates:
        """As shares; only of a valid form."""
        return Rates(**{name: self.cleaned_data[name] / 100 for name in ("right", "ordinary", "gold")})
