"""What is numbered and never changed, so that the newest counts: policies, taxonomies, guidelines."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection, transaction

from escalations.auditing import audit
from escalations.models import Guideline, Operator, Policy, Taxonomy

Numbered = TypeVar("Numbered", Policy, Taxonomy, Guideline)
OfTheDesk = TypeVar("OfTheDesk", Taxonomy, Guideline)


class Outdated(Exception):
    """Another number has come into force since what was written was begun; `now` is that one."""

    def __init__(self, now: Policy | Taxonomy | Guideline | None) -> None:
        self.now = now
        super().__init__(str(now))


def save_next(
    model: type[OfTheDesk],
    fields: Mapping[str, Any],
    *,
    note: str,
    operator: Operator | None,
    based_on: int,
) -> OfTheDesk:
    """Bring `fields` into force under the next number. `based_on` is the number in force, 0 for none.

    Raises:
        Outdated: it is in force no longer; nothing was saved.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"numbers of {model.__name__.lower()}"]
            )
        row = model(number=based_on + 1, note=note, **fields)
        return replace(model._default_manager.first(), row, operator=operator, based_on=based_on)


def replace(now: Numbered | None, row: Numbered, *, operator: Operator | None, based_on: int) -> Numbered:
    """Bring `row` into force in place of `now`, which the caller has read under a lock.

    Without an operator it is the command that applies a file.

    Raises:
        Outdated: what it was written upon is in force no longer; nothing was saved.
    """
    if (now.number if now else 0) != based_on:
        raise Outdated(now)
    row.created_by = operator
    row.save(force_insert=True)
    name = row._meta.model_name
    actor = audit.operator_actor(operator) if operator else audit.COMMAND
    audit.write(actor=actor, action=f"{name}.save", target=f"{name}:{row.pk}")
    return row
