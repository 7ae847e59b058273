"""What a file of settings may hold, as a JSON Schema; `docs/desk.schema.json` is a copy for editors."""

from typing import Any

from escalations.alerts.kinds import KINDS
from escalations.labels import taxonomy
from escalations.labels.guidelines import TEXT_MAX
from escalations.models import Kept, Priority, Role, Weekday
from escalations.policy.rules import RULES_SCHEMA

WEEKDAYS = {day.name.lower(): day for day in Weekday}
PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_SECONDS_MAX, _DAYS_MAX = 10_000_000, 36_500
_NAME_PATTERN = "^[-a-zA-Z0-9_]+$"

Schema = dict[str, Any]


def _text(length: int, **more: Any) -> Schema:
    return {"type": "string", "maxLength": length, "pattern": "^[^\\x00]*$", **more}


def _count(least: int, most: int, *, or_none: bool = False) -> Schema:
    return {"type": ["integer", "null"] if or_none else "integer", "minimum": least, "maximum": most}


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    made: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return made | ({"required": required} if required else {})


def _named(item: Schema, *, length: int, pattern: str = _NAME_PATTERN, description: str = "") -> Schema:
    names = {"minLength": 1, "maxLength": length, "pattern": pattern}
    return {
        "type": "object",
        "propertyNames": names,
        "additionalProperties": item,
        "description": description,
    }


_MOMENT = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_OR_NONE = {"type": ["string", "null"]}
_SLA = _object(
    {
        "pickup_seconds": _count(0, _SECONDS_MAX),
        "resolution_seconds": _count(0, _SECONDS_MAX),
        "response_seconds": _count(0, _SECONDS_MAX, or_none=True),
    },
    ["pickup_seconds", "resolution_seconds"],
)
_CALENDAR = _object(
    {
        "timezone": _text(64),
        "hours": _object(
            {
                day: {
                    "type": "array",
                    "items": {"type": "string", "pattern": f"^{_MOMENT}-({_MOMENT}|24:00)$"},
                }
                for day in WEEKDAYS
            }
        ),
        "holidays": {
            "type": "object",
            "propertyNames": {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "additionalProperties": _text(60),
        },
    }
)
_QUEUE = _object(
    {
        "description": _text(200),
        "aging_seconds": _count(1, _SECONDS_MAX),
        "calendar": _OR_NONE,
        "overflow": _OR_NONE,
        "sla": _object(dict.fromkeys(PRIORITIES, _SLA)),
    }
)
_AGENT = _object(
    {
        "description": _text(200),
        "default_queue": {"type": "string"},
        "is_active": {"type": "boolean"},
        "requests_per_second": _count(1, 1_000_000, or_none=True),
        "policy": RULES_SCHEMA,
        "versions": _named(_object({"policy": RULES_SCHEMA}, ["policy"]), length=60, pattern="^[^\\x00]+$"),
        "calibration": _object(
            {
                "alpha": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                "delta": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                "error_cost_usd": {"type": "number", "minimum": 0, "maximum": 1_000_000_000},
            }
        ),
    }
)
_PERSON = _object(
    {
        "first_name": _text(150),
        "last_name": _text(150),
        "email": _text(254),
        "role": {"enum": Role.values},
        "can_review": {"type": "boolean"},
        "is_active": {"type": "boolean"},
        "queues": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
        "skills": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
        "capacity": _count(0, 1_000),
        "hourly_cost_usd": {"type": "number", "minimum": 0, "maximum": 999_999},
        "timezone": _text(64),
    }
)
_ALERT = _object(
    {
        "kind": {"enum": list(KINDS)},
        "queue": _OR_NONE,
        "agent": _OR_NONE,
        "threshold": {"type": "number"},
        "hours": _count(1, 720),
        "cooldown_minutes": _count(0, 43_200),
        "is_active": {"type": "boolean"},
    },
    ["kind"],
)
_RETENTION = _object(
    {kept: _count(0, _DAYS_MAX) for kept in Kept.values}
    | {"queues": {"type": "object", "additionalProperties": _count(0, _DAYS_MAX, or_none=True)}}
)

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Settings of a Handrail desk",
    "description": "For `manage.py apply_config`. What is left out stays as it is.",
    **_object(
        {
            "skills": _named(_text(200), length=40, description="By name, what each is."),
            "calendars": _named(_CALENDAR, length=60, pattern="^[^\\x00]+$", description="Business hours."),
            "queues": _named(_QUEUE, length=40, description="`sla` replaces all targets of the queue."),
            "agents": _named(_AGENT, length=60, description="`policy` is the one in force."),
            "people": _named(
                _PERSON,
                length=150,
                pattern="^[\\w.@+-]+$",
                description="By the name to sign in with. New people need a password from an admin.",
            ),
            "taxonomy": taxonomy.SCHEMA,
            "guidelines": _text(TEXT_MAX, description="How to label, in Markdown."),
            "alerts": {
                "type": "array",
                "items": _ALERT,
                "description": "One for each kind, queue and agent.",
            },
            "retention": {**_RETENTION, "description": "Days; 0 is for ever, null as for all queues."},
            "review_rates": _object({"right": _SHARE, "ordinary": _SHARE, "gold": _SHARE}),
        }
    ),
}
