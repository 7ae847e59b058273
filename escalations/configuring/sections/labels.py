"""What labels mean, how to label, and how many decisions get a second look."""

from typing import Any

from escalations.auditing import audit
from escalations.configuring.sections.base import Change, Section, as_one
from escalations.labels import guidelines, taxonomy
from escalations.models import ReviewRates
from escalations.reviews.rates import rates


def _taxonomy() -> dict[str, Any]:
    now = taxonomy.in_force()
    return {"": now.content} if now else {}


def _write_taxonomy(change: Change) -> None:
    now = taxonomy.in_force()
    based_on = now.number if now else 0
    taxonomy.save(content=change.wanted, note=change.note, operator=None, based_on=based_on)


def _guidelines() -> dict[str, Any]:
    now = guidelines.in_force()
    return {"": now.text} if now else {}


def _write_guidelines(change: Change) -> None:
    now = guidelines.in_force()
    based_on = now.number if now else 0
    guidelines.save(text=change.wanted, note=change.note, operator=None, based_on=based_on)


def _rates() -> dict[str, Any]:
    now = rates()
    return {"": {"right": now.right, "ordinary": now.ordinary, "gold": now.gold}}


def _write_rates(change: Change) -> None:
    ReviewRates.objects.update_or_create(id=1, defaults=change.wanted)
    audit.write(actor=audit.COMMAND, action="review.rates", target="review:rates")


# Taken as a whole by the name that no item has: each is one thing.
TAXONOMY = Section("taxonomy", _taxonomy, _write_taxonomy, items=as_one, whole=frozenset({""}))
GUIDELINES = Section("guidelines", _guidelines, _write_guidelines, items=as_one)
REVIEW_RATES = Section("review_rates", _rates, _write_rates, items=as_one)
