"""The people of the desk. Who is new cannot sign in before an admin gave them a password."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from escalations.configuring.sections.base import (
    Change,
    Items,
    Refused,
    Section,
    cents,
    named,
    noted,
    update,
)
from escalations.models import Operator, Queue, Role, Skill

_FIELDS = (
    *("first_name", "last_name", "email", "role", "can_review"),
    *("is_active", "skills", "capacity", "timezone"),
)


def _people() -> dict[str, Any]:
    found = Operator.objects.prefetch_related("queues").order_by("username")
    return {
        person.username: {
            **{name: getattr(person, name) for name in _FIELDS},
            "hourly_cost_usd": float(person.hourly_cost_usd),
            "queues": sorted(queue.name for queue in person.queues.all()),
            "skills": sorted(person.skills),
        }
        for person in found
    }


def _person_items(value: Mapping[str, Any]) -> Items:
    """Rates are kept to the cent."""
    for name, wanted in value.items():
        rate = wanted.get("hourly_cost_usd")
        yield (name,), name, wanted if rate is None else {**wanted, "hourly_cost_usd": cents(rate)}


def _write_person(change: Change) -> None:
    wanted = change.wanted
    _check(wanted)
    person = Operator.objects.filter(username=change.key).first()
    if person is None:
        person = Operator(username=change.key)
        person.set_unusable_password()
    given = dict(wanted)
    if "hourly_cost_usd" in given:
        given["hourly_cost_usd"] = Decimal(str(given["hourly_cost_usd"]))
    if "skills" in given:
        given["skills"] = sorted(given["skills"])
    update(person, given, (*_FIELDS, "hourly_cost_usd"))
    if "queues" in wanted:
        person.queues.set(_queues(wanted["queues"]))
    _keep_an_admin(change)
    noted(person)


def _check(wanted: Mapping[str, Any]) -> None:
    for number, name in enumerate(wanted.get("skills", ())):
        if not Skill.objects.filter(name=name).exists():
            raise Refused(("skills", number), f"There is no skill named {name}.")
    if wanted.get("timezone") and wanted["timezone"] not in available_timezones():
        raise Refused(("timezone",), f"There is no time zone {wanted['timezone']}.")
    if wanted.get("email"):
        try:
            validate_email(wanted["email"])
        except ValidationError:
            raise Refused(("email",), f"{wanted['email']} is no e-mail address.") from None


def _queues(names: list[str]) -> list[Queue]:
    found = [
        named(Queue.objects.all(), name, "queue", ("queues", number)) for number, name in enumerate(names)
    ]
    return [queue for queue in found if queue]


def _keep_an_admin(change: Change) -> None:
    was_admin = change.before and change.before["role"] == Role.ADMIN and change.before["is_active"]
    if was_admin and not Operator.objects.filter(role=Role.ADMIN, is_active=True).exists():
        raise Refused((), "This would leave the desk without an admin.")


PEOPLE = Section("people", _people, _write_person, items=_person_items)
