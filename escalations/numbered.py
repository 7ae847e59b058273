"""Rows that are numbered and never changed, of which the newest counts: taxonomies and guidelines."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection, transaction

from escalations import audit
from escalations.models import Guideline, Operator, Taxonomy

Numbered = TypeVar("Numbered", Taxonomy, Guideline)


class Outdated(Exception):
    """Another number has come into force since what was written was begun; `now` is that one."""

    def __init__(self, now: Taxonomy | Guideline | None) -> None:
        self.now = now
        super().__init__(str(now))


def save_next(
    model: type[Numbered],
    fields: Mapping[str, Any],
    *,
    note: str,
    operator: Operator | None,
    based_on: int,
) -> Numbered:
    """Bring `fields` into force under the next number. `based_on` is the number in force, 0 for none.

    Raises:
        Outdated: it is in force no longer; nothing was saved.
    """
    name = model.__name__.lower()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"numbers of {name}"])
        now = model._default_manager.first()
        if (now.number if now else 0) != based_on:
            raise Outdated(now)
        made = model._default_manager.create(number=based_on + 1, note=note, created_by=operator, **fields)
        actor = audit.operator_actor(operator) if operator else "system"
        audit.write(actor=actor, action=f"{name}.save", target=f"{name}:{made.pk}")
    return made
