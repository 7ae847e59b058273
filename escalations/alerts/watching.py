"""The sweep that looks at what the rules measure, keeps when each of them held, and tells of it."""

from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from escalations.alerts import kinds
from escalations.alerts.episodes import Episode, Reading, follow
from escalations.models import Alert, AlertRule, Notice, NoticeKind
from escalations.people import notices
from escalations.signals import alerted, tell_desk_changed
from escalations.sla import clocks

log = structlog.get_logger(__name__)
BEGAN, ENDED = "began", "ended"


def watch() -> int:
    """Look at every rule whose time has come. Returns how many alerts began or ended."""
    now = clocks.database_now()
    off = AlertRule.objects.filter(Exists(_open(OuterRef("pk"))), is_active=False)
    ended = sum(end(rule) for rule in off.select_related("queue", "agent"))
    rules = AlertRule.objects.filter(is_active=True).select_related("queue", "agent")
    return ended + sum(_look(rule, now) for rule in rules if _is_due(rule, now))


def end(rule: AlertRule) -> bool:
    """End the alert of a rule that is looked at no more, and tell of it. Says whether it had one."""
    with transaction.atomic():
        AlertRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        alert = _open(rule.pk).first()
        if alert is None:
            return False
        _end(alert, clocks.database_now())
    return True


def look(rule: AlertRule, reading: Reading) -> str:
    """Keep what was measured, and tell if an alert began or ended by it. Says which, empty for neither."""
    with transaction.atomic():
        # Whoever looks at the same time waits, and then sees what this one did.
        AlertRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        AlertRule.objects.filter(pk=rule.pk).update(looked_at=reading.at, value=reading.value, n=reading.n)
        last = rule.alerts.first()
        before = _episode(last)
        after = follow(before, reading, kinds.limits(rule))
        if after is None or after == before:
            return ""
        if last is None or last.ended_at is not None:
            return _begin(rule, reading, after)
        return _go_on(last, before, after)


def _look(rule: AlertRule, now: datetime) -> int:
    try:
        with transaction.atomic():
            [reading] = kinds.of(rule).read(rule, [now])
    except DatabaseError as error:
        # One that takes too long must not silence the others.
        log.warning("alert_not_read", rule=rule.pk, kind=rule.kind, error=repr(error))
        return 0
    return bool(look(rule, reading))


def _is_due(rule: AlertRule, now: datetime) -> bool:
    return rule.looked_at is None or rule.looked_at + kinds.of(rule).every <= now


def _episode(alert: Alert | None) -> Episode | None:
    if alert is None:
        return None
    began = Reading(alert.began_at, alert.value, alert.n, alert.detail)
    return Episode(began, alert.worst, alert.worst_at or alert.began_at, alert.ended_at)


def _begin(rule: AlertRule, reading: Reading, episode: Episode) -> str:
    alert = Alert.objects.create(
        rule=rule,
        threshold=rule.threshold,
        value=episode.worst,
        worst=episode.worst,
        worst_at=episode.worst_at,
        n=reading.n,
        detail=reading.detail[:100],
        hours=rule.hours,
        queue=rule.queue,
        agent=rule.agent,
        began_at=reading.at,
    )
    _tell(alert, BEGAN)
    return BEGAN


def _go_on(alert: Alert, before: Episode | None, after: Episode) -> str:
    if before is None or after.worst != before.worst:
        Alert.objects.filter(pk=alert.pk).update(worst=after.worst, worst_at=after.worst_at)
    if after.ended_at is None:
        return ""
    _end(alert, after.ended_at)
    return ENDED


def _open(rule_id: Any) -> QuerySet[Alert]:
    """The alert of the rule that is not over, if there is one."""
    return Alert.objects.filter(rule=rule_id, ended_at=None)


def _end(alert: Alert, at: datetime) -> None:
    Alert.objects.filter(pk=alert.pk).update(ended_at=at)
    alert.refresh_from_db()
    _tell(alert, ENDED)


def _tell(alert: Alert, happened: str) -> None:
    """A webhook; and of a beginning a notice for every supervisor, by mail at once for whoever wants that."""
    if happened == BEGAN:
        text = notices.ALERTED[alert.rule.kind] % kinds.told(alert.rule, alert.value, alert.detail)
        people = notices.supervisors()
        Notice.objects.bulk_create(
            Notice(operator=one, kind=NoticeKind.ALERT, text=text[:300]) for one in people
        )
        transaction.on_commit(tell_desk_changed)
    alerted.send(sender=None, alert=alert, happened=happened)
    log.info("alert", rule=alert.rule_id, kind=alert.rule.kind, happened=happened, value=alert.worst)
