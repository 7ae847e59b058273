"""The report of each week by mail, for those who chose a day: once for each week and person.

Due is who has not got the last week that is over, from the morning of their day on, by the clock on their
wall. One conditional update claims it, so no two workers mail it twice. It is committed before the mail
leaves; a mail that cannot be sent is given back to the next run.
"""

from datetime import datetime, timedelta
from email.utils import make_msgid
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from escalations.models import Operator
from escalations.models.people import SUPERVISORS
from escalations.sla import clocks
from operators.languages import language_of, written_in
from operators.models import WeeklyMail
from operators.reports.weekly_report import Week, mail_of

HOUR = 7
log = structlog.get_logger(__name__)


def choose(operator: Operator, weekday: int | None) -> None:
    """Get it on that day of each week from the next one on, or no more."""
    if weekday is None:
        WeeklyMail.objects.filter(operator=operator).delete()
        return
    mail, is_new = WeeklyMail.objects.get_or_create(operator=operator, defaults={"weekday": weekday})
    if is_new or mail.weekday != weekday:
        now = clocks.database_now()
        mail.weekday = weekday
        week = Week.before(now, ZoneInfo(operator.timezone))
        if _is_due(mail, week, now):
            mail.sent_for = str(week)
        mail.save(update_fields=["weekday", "sent_for"])


def day_of(operator: Operator) -> str:
    """The day that the person chose, as a form has it; empty for none."""
    mail = WeeklyMail.objects.filter(operator=operator).first()
    return "" if mail is None else str(mail.weekday)


def mail_reports() -> int:
    """Send what is due and return how many mails that made. Safe to run late, twice or alongside itself."""
    if not settings.SENDS_MAIL:
        return 0
    now = clocks.database_now()
    readers = WeeklyMail.objects.filter(operator__is_active=True, operator__role__in=SUPERVISORS)
    waiting = readers.exclude(operator__email="").select_related("operator").order_by("pk")
    return sum(_mail(one, now) for one in waiting)


def _mail(mail: WeeklyMail, now: datetime) -> int:
    week = Week.before(now, ZoneInfo(mail.operator.timezone))
    if not _is_due(mail, week, now):
        return 0
    ours = WeeklyMail.objects.filter(pk=mail.pk, weekday=mail.weekday, sent_for=mail.sent_for)
    if mail.sent_for == str(week) or not ours.update(sent_for=str(week)):
        return 0
    try:
        _send(mail.operator, week)
    except Exception as error:
        # Whatever it was, of this mail or of the server: the other people's mails are tried, too.
        log.warning("weekly_report_not_sent", operator=mail.pk, error=repr(error))
        WeeklyMail.objects.filter(pk=mail.pk, sent_for=str(week)).update(sent_for=mail.sent_for)
        return 0
    return 1


def _is_due(mail: WeeklyMail, week: Week, now: datetime) -> bool:
    """Whether the morning of the day has come, in the week after that one."""
    there = now.astimezone(week.zone)
    day = week.monday + timedelta(days=7 + mail.weekday)
    return (there.date(), there.hour) >= (day, HOUR)


def _send(operator: Operator, week: Week) -> None:
    with written_in(language_of(operator)):
        subject, body = mail_of(operator, week)
    headers = {"Message-ID": make_msgid(domain="handrail"), "Auto-Submitted": "auto-generated"}
    EmailMessage(subject=subject, body=body, to=[operator.email], headers=headers).send()
