"""What is wanted of an agent's thresholds, in the units that people use."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.models import CalibrationGoal

_PERCENT = Decimal(100)


class GoalForm(forms.Form):
    """At most `wrong`, with a `confidence`, both in percent, and what an error costs that nobody catches."""

    wrong = forms.DecimalField(
        label=_("Wrong among the runs above the threshold: at most, in percent"),
        min_value=Decimal("0.1"),
        max_value=Decimal(50),
        max_digits=4,
        decimal_places=2,
    )
    confidence = forms.DecimalField(
        label=_("How sure that must be, in percent"),
        min_value=Decimal(50),
        max_value=Decimal("99.9"),
        max_digits=4,
        decimal_places=2,
    )
    error_cost = forms.DecimalField(
        label=_("What an error costs that nobody catches, in US dollars"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
    )

    @classmethod
    def of(cls, goal: CalibrationGoal) -> "GoalForm":
        """The form with what is wanted now."""
        initial = {
            "wrong": f"{100 * goal.alpha:.4g}",
            "confidence": f"{100 * (1 - goal.delta):.4g}",
            "error_cost": goal.error_cost_usd,
        }
        return cls(initial=initial, auto_id="goal-%s")

    @property
    def alpha(self) -> float:
        return float(self.cleaned_data["wrong"] / _PERCENT)

    @property
    def delta(self) -> float:
        return float((_PERCENT - self.cleaned_data["confidence"]) / _PERCENT)
