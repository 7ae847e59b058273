"""Alerts, and how long what is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from escalations.alerts.kinds import KINDS
from escalations.auditing import audit
from escalations.configuring.sections.base import (
    Change,
    Items,
    Refused,
    Section,
    named,
    noted,
    update,
)
from escalations.models import Agent, AlertRule, Kept, Queue, RetentionRule
from escalations.retention import keeping


def _key(kind: str, queue: str | None, agent: str | None) -> str:
    return f"{kind}, queue {queue or '*'}, agent {agent or '*'}"


def _alerts() -> dict[str, Any]:
    rules = AlertRule.objects.select_related("queue", "agent")
    return {_key(said["kind"], said["queue"], said["agent"]): said for said in map(_alert, rules)}


def _alert(rule: AlertRule) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": rule.kind,
        "queue": rule.queue and rule.queue.name,
        "agent": rule.agent and rule.agent.name,
        "threshold": rule.threshold,
    }
    if KINDS[rule.kind].hours is not None:
        said["hours"] = rule.hours
    return said | {"cooldown_minutes": rule.cooldown_minutes, "is_active": rule.is_active}


def _alert_items(value: Sequence[Mapping[str, Any]]) -> Items:
    for number, wanted in enumerate(value):
        full: dict[str, Any] = {"queue": None, "agent": None, **wanted}
        yield (number,), _key(full["kind"], full["queue"], full["agent"]), full


def _write_alert(change: Change) -> None:
    wanted = change.wanted
    kind = KINDS[wanted["kind"]]
    queue = named(Queue.objects.all(), wanted["queue"], "queue", ("queue",))
    agent = named(Agent.objects.all(), wanted["agent"], "agent", ("agent",))
    if (queue and not kind.by_queue) or (agent and not kind.by_agent):
        raise Refused(("kind",), "This kind of alert is not told apart by that.")
    if "hours" in wanted and kind.hours is None:
        raise Refused(("hours",), "This kind of alert looks at what stands at a moment: leave the hours out.")
    if "threshold" in wanted and not kind.unit.holds(wanted["threshold"]):
        most = "" if kind.unit.most is None else f" to {kind.unit.most:g}"
        raise Refused(("threshold",), f"A limit of this kind is from {kind.unit.least:g}{most}.")
    if kind.needs_agent and agent is None:
        raise Refused(("kind",), "This kind of alert needs an agent.")
    rule = AlertRule.objects.filter(kind=kind.kind, queue=queue, agent=agent).first() or AlertRule(
        kind=kind.kind, queue=queue, agent=agent, threshold=kind.threshold, hours=kind.hours or 1
    )
    update(rule, wanted, ["threshold", "hours", "cooldown_minutes", "is_active"])
    noted(rule)


def _retention() -> dict[str, Any]:
    rules = keeping.rules()
    names = dict(Queue.objects.values_list("pk", "name"))
    said: dict[str, Any] = {kept.value: days for (kept, queue), days in rules.items() if queue is None}
    queues = {names[queue]: days for (_, queue), days in rules.items() if queue is not None}
    return {"": said | {"queues": queues}}


def _retention_items(value: Mapping[str, Any]) -> Items:
    """Without the queues that are to have no rule, and have none."""
    ruled = set(RetentionRule.objects.exclude(queue=None).values_list("queue__name", flat=True))
    queues = {
        name: days for name, days in value.get("queues", {}).items() if days is not None or name in ruled
    }
    yield (), "", {**value, "queues": queues}


def _write_retention(change: Change) -> None:
    wanted: dict[keeping.Subject, int | None] = {}
    least = {kind.kept: kind.least for kind in keeping.kinds()}
    for name, days in change.wanted.items():
        if name != "queues":
            _check_days(days, least[Kept(name)], (name,))
            wanted[Kept(name), None] = days
    for name, days in change.wanted.get("queues", {}).items():
        queue = named(Queue.objects.all(), name, "queue", ("queues", name))
        if queue:
            wanted[Kept.CONVERSATIONS, queue.pk] = days
    keeping.save(wanted, actor=audit.COMMAND)


def _check_days(days: int, least: int, path: tuple[str, ...]) -> None:
    if 0 < days < least:
        raise Refused(path, f"At least {least} days, or 0 for ever.")


ALERTS = Section("alerts", _alerts, _write_alert, items=_alert_items)
RETENTION = Section("retention", _retention, _write_retention, items=_retention_items)
