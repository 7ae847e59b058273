"""The set-up of the demo desk: queues with targets and hours, skills, agents with their policies, people."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models.functions import Now

from escalations.alerts.kinds import KINDS
from escalations.models import (
    Agent,
    AgentVersion,
    AlertKind,
    AlertRule,
    Calendar,
    CalibrationGoal,
    Holiday,
    OpeningHours,
    Operator,
    Policy,
    Priority,
    Queue,
    Role,
    Skill,
    SlaTarget,
    Weekday,
)
from escalations.sla import clocks

_QUEUES = {
    "billing": "Invoices, refunds, payments",
    "support": "Orders, faults, returns",
    "travel": "Bookings, fares, changes",
    "overflow": "What the other queues cannot take",
}
_SKILLS = {
    "refunds": "May send money back",
    "fares": "Knows fare rules",
    "hardware": "Knows lamps, locks and heating controls",
    "fr": "French",
    "de": "German",
}
# Seconds to (pickup, resolution) per priority, where they differ from the desk's defaults.
_TARGETS: dict[str, dict[Priority, tuple[int, int]]] = {
    "billing": {Priority.URGENT: (120, 900), Priority.HIGH: (600, 3_600)},
    "travel": {Priority.URGENT: (90, 600), Priority.HIGH: (300, 2_400)},
}
_DEFAULT_TARGETS: dict[Priority, tuple[int, int]] = {
    Priority.URGENT: (180, 1_200),
    Priority.HIGH: (900, 5_400),
    Priority.NORMAL: (1_800, 14_400),
    Priority.LOW: (7_200, 86_400),
}
# Who helps out where nobody could for a while.
_OVERFLOWS = {"support": "overflow", "travel": "overflow"}
# Seconds in which a user who writes to a person wants an answer.
_RESPONSE_SECONDS = {"support": 300}
# The people of the overflow queue keep office hours, with a lunch break and a day off.
_OFFICE = ((time(9), time(12)), (time(13), time(17)))
_DAY_OFF = (12, 25, "Christmas Day")
_BUDGETS = {"turns": 20, "context_tokens": 40_000, "cost_usd": 1.0, "seconds": 120, "retries": 3}


@dataclass(frozen=True)
class _AgentPlan:
    """An agent, its versions with their age in days, the rules of the agent and of single versions.

    `note` says why the agent's rules are not those that it began with.
    """

    name: str
    description: str
    versions: dict[str, int]
    rules: dict[str, Any]
    own_rules: dict[str, dict[str, Any]]
    note: str


# How many of an agent's runs may be wrong above a threshold, so many that the audits of the demo are about
# enough, and what an error costs that nobody catches.
_GOALS = {"billing": (0.15, Decimal(40))}
AGENTS = (
    _AgentPlan(
        "billing",
        "Explains invoices, proposes refunds and credits",
        {"2.2": 75, "2.3": 13},
        _BUDGETS
        | {
            "confidence": {"*": 0.7, "refund": 0.8, "tax": 0.8},
            "context_tokens": 45_000,
            "cost_usd": 1.5,
            "never": ["legal"],
            "tool_failures": 4,
            "approve_tools": [
                "issue_refund",
                {"name": "apply_credit", "when": [{"argument": "amount", "op": ">", "value": 20}]},
                "retry_charge",
            ],
            "phrases": ["lawyer", "data protection"],
            "asks_for_person": True,
            "checkpoints": ["*"],
            "audit_rate": 0.2,
        },
        {"2.2": _BUDGETS | {"confidence": {"*": 0.6}, "cost_usd": 3.0, "approve_tools": ["issue_refund"]}},
        "Larger credits, law and data protection are for people",
    ),
    _AgentPlan(
        "support",
        "Finds orders and faults, sends replacements",
        {"1.8": 48},
        _BUDGETS
        | {
            "confidence": {"*": 0.6},
            "approve_tools": ["ship_replacement", "send_label"],
            "asks_for_person": True,
            "audit_rate": 0.1,
        },
        {},
        "Whoever asks for a person gets one, and some runs are audited",
    ),
    _AgentPlan(
        "travel",
        "Searches, books and changes trips",
        {"0.9": 33},
        _BUDGETS
        | {
            "confidence": {"*": 0.75, "fare_rules": 0.85},
            "turns": 24,
            "context_tokens": 50_000,
            "cost_usd": 2.5,
            "seconds": 180,
            "approve_tools": ["book_itinerary", "change_passenger_name", "change_flight", "waive_fee"],
        },
        {},
        "Fare rules are hard: surer or not at all",
    ),
)


@dataclass(frozen=True)
class _PersonPlan:
    username: str
    name: str
    role: Role
    queues: tuple[str, ...]
    skills: tuple[str, ...]


_EVERYTHING = (tuple(_QUEUES), tuple(_SKILLS))
PEOPLE = (
    _PersonPlan("noor", "Noor Haddad", Role.OPERATOR, ("billing", "overflow"), ("refunds", "fr")),
    _PersonPlan("kim", "Kim Larsen", Role.OPERATOR, ("billing", "support"), ("refunds", "hardware")),
    _PersonPlan("ana", "Ana Souza", Role.OPERATOR, ("travel",), ("fares", "fr")),
    _PersonPlan("jonas", "Jonas Weber", Role.OPERATOR, ("billing", "travel"), ("de", "fares", "refunds")),
    _PersonPlan("mei", "Mei Tanaka", Role.OPERATOR, ("support",), ("hardware",)),
    _PersonPlan(
        "luc", "Luc Moreau", Role.OPERATOR, ("support", "travel", "overflow"), ("fr", "hardware", "fares")
    ),
    _PersonPlan("ruth", "Ruth Okafor", Role.REVIEWER, *_EVERYTHING),
    _PersonPlan("sam", "Sam Reyes", Role.ADMIN, *_EVERYTHING),
)
# Tells these people from the real ones of a desk, whose passwords must not be touched.
EMAIL_DOMAIN = "demo.handrail.example"


def is_in_use() -> bool:
    """Whether this desk belongs to somebody: there are people or agents that did not come from here."""
    ours = [plan.name for plan in AGENTS]
    strangers = Operator.objects.exclude(email__endswith=f"@{EMAIL_DOMAIN}").exists()
    return strangers or Agent.objects.exclude(name__in=ours).exists()


def set_up() -> None:
    """Make queues, skills, targets, agents and policies; leave those that exist as they are."""
    for name, description in _SKILLS.items():
        Skill.objects.get_or_create(name=name, defaults={"description": description})
    for name, description in _QUEUES.items():
        _set_up_queue(name, description)
    for name, helper in _OVERFLOWS.items():
        Queue.objects.filter(name=name, overflow=None).update(overflow=Queue.objects.get(name=helper))
    _set_up_office_hours("overflow")
    for plan in AGENTS:
        _set_up_agent(plan)
    _set_up_alerts()


def people() -> list[Operator]:
    """The people of the desk; those that are missing are made, without a password yet."""
    return [_person(plan) for plan in PEOPLE]


def _set_up_queue(name: str, description: str) -> None:
    queue, _ = Queue.objects.get_or_create(name=name, defaults={"description": description})
    for priority, (pickup, resolution) in (_DEFAULT_TARGETS | _TARGETS.get(name, {})).items():
        seconds = {
            "pickup_seconds": pickup,
            "resolution_seconds": resolution,
            "response_seconds": _RESPONSE_SECONDS.get(name),
        }
        SlaTarget.objects.get_or_create(queue=queue, priority=priority, defaults=seconds)


def _set_up_office_hours(queue: str) -> None:
    office, made = Calendar.objects.get_or_create(
        name="Office hours Berlin", defaults={"timezone": "Europe/Berlin"}
    )
    if not made:
        return
    OpeningHours.objects.bulk_create(
        OpeningHours(calendar=office, weekday=weekday, opens=opens, closes=closes)
        for weekday in range(Weekday.SATURDAY)
        for opens, closes in _OFFICE
    )
    month, day, name = _DAY_OFF
    year = clocks.database_now().year
    Holiday.objects.bulk_create(
        Holiday(calendar=office, day=date(each, month, day), name=name) for each in (year, year + 1)
    )
    Queue.objects.filter(name=queue, calendar=None).update(calendar=office)


def _set_up_alerts() -> None:
    """Rules for the whole desk, and one that looks at an agent alone."""
    support = Agent.objects.get(name="support")
    for kind, threshold, agent in (
        (AlertKind.SERVICE_LEVEL, 0.2, None),
        (AlertKind.OLDEST_CASE, 24 * 3600, None),
        (AlertKind.OVERRIDE, 0.6, None),
        (AlertKind.ESCALATION_RATE, 1.5, support),
    ):
        AlertRule.objects.get_or_create(
            kind=kind,
            queue=None,
            agent=agent,
            defaults={"threshold": threshold, "hours": 24 if KINDS[kind].hours else 1},
        )


def _set_up_agent(plan: _AgentPlan) -> None:
    queue = Queue.objects.get(name=plan.name)
    agent, made = Agent.objects.get_or_create(
        name=plan.name, defaults={"description": plan.description, "default_queue": queue}
    )
    if not made:
        return
    if plan.name in _GOALS:
        alpha, cost = _GOALS[plan.name]
        CalibrationGoal.objects.create(agent=agent, alpha=alpha, error_cost_usd=cost)
    for version, days in plan.versions.items():
        born = Now() - timedelta(days=days)
        AgentVersion.objects.create(agent=agent, name=version, created_at=born)
    policies = [
        Policy(agent=agent, rules=_BUDGETS, note="To begin with", created_at=Now() - timedelta(days=70)),
        Policy(agent=agent, rules=plan.rules, note=plan.note, created_at=Now() - timedelta(days=33)),
    ]
    for name, rules in plan.own_rules.items():
        own = agent.versions.get(name=name)
        policies.append(Policy(agent=agent, agent_version=own, rules=rules, note="As it was tried out"))
    for number, policy in enumerate(policies, 1):
        policy.number = number
        policy.save(force_insert=True)


def _person(plan: _PersonPlan) -> Operator:
    first, last = plan.name.split()
    is_admin = plan.role == Role.ADMIN
    person, made = Operator.objects.get_or_create(
        username=plan.username,
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{plan.username}@{EMAIL_DOMAIN}",
            "role": plan.role,
            "skills": list(plan.skills),
            "is_staff": is_admin,
            "is_superuser": is_admin,
        },
    )
    if made:
        person.queues.set(Queue.objects.filter(name__in=plan.queues))
    return person
