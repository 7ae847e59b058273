"""How many decisions get a second look."""

from dataclasses import dataclass

from django.db import transaction

from escalations.auditing import audit
from escalations.models import Operator, ReviewRates


@dataclass(frozen=True)
class Rates:
    """Shares from 0 to 1: of the audits marked right, of all other cases, and of gold among reviews."""

    right: float
    ordinary: float
    gold: float


def rates() -> Rates:
    """What is set, or else the defaults."""
    row = row_of_rates()
    return Rates(row.right, row.ordinary, row.gold)


def set_rates(new: Rates, operator: Operator) -> None:
    """They count for what is drawn from now on."""
    with transaction.atomic():
        ReviewRates.objects.update_or_create(id=1, defaults=vars(new))
        audit.write(actor=audit.operator_actor(operator), action="review.rates", target="review:rates")


def row_of_rates() -> ReviewRates:
    """The one row, not saved where there is none yet."""
    return ReviewRates.objects.filter(id=1).first() or ReviewRates()
