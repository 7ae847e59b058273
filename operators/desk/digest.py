"""Unread notices by mail, for those who chose it: once an hour or a day, or alerts at once.

Due is who has an unread notice, not yet mailed, that is as old as the interval; then all of theirs go into
one mail. An alert (`models.notes.ALERTS`) is due at once for who wants that, and goes without the others. One
conditional update claims them, so no two workers mail the same notice. It is committed before the mail
leaves: a worker that dies in between has mailed nothing, and the notices still stand on the page. A mail that
cannot be sent gives its notices back to the next run.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import make_msgid

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import ngettext

from escalations.models import Notice, Operator
from escalations.models.notes import ALERTS
from escalations.models.people import Digest
from escalations.people.notices import shown
from operators.languages import language_of, written_in
from operators.notice_links import address_of

_CLAIM = """
    WITH due AS (
        SELECT person.id, news.all_is_due
        FROM escalations_operator person
        CROSS JOIN LATERAL (
            SELECT bool_or(digest <> 'off' AND created_at <= statement_timestamp() - CASE digest
                       WHEN 'hourly' THEN interval '1 hour' ELSE interval '1 day' END) AS all_is_due,
                   bool_or(mails_alerts AND kind = ANY(%(alerts)s)) AS is_alerted
            FROM escalations_notice notice
            WHERE notice.operator_id = person.id AND read_at IS NULL AND mailed_at IS NULL
        ) news
        WHERE (digest <> 'off' OR mails_alerts) AND is_active AND email <> '' AND person.id > %(after)s
            AND (news.all_is_due OR news.is_alerted)
        ORDER BY person.id LIMIT 1
        FOR NO KEY UPDATE OF person SKIP LOCKED
    )
    UPDATE escalations_notice notice SET mailed_at = statement_timestamp() FROM due
    WHERE notice.operator_id = due.id AND read_at IS NULL AND mailed_at IS NULL
        AND (due.all_is_due OR kind = ANY(%(alerts)s))
    RETURNING notice.operator_id, notice.id, notice.mailed_at
"""
_MOST_SHOWN = 50
_SUBJECT = 100
log = structlog.get_logger(__name__)


def mail_digests() -> int:
    """Send what is due and return how many mails that made. Safe to run late, twice or alongside itself."""
    if not settings.SENDS_MAIL:
        return 0
    return sum(_mail(*claimed) for claimed in _claims())


def pass_over_alerts_so_far(operator: Operator) -> None:
    """Mail only alerts from now on to who has just asked for them, but for the digest that they may get."""
    if operator.mails_alerts and operator.digest == Digest.OFF:
        waiting = Notice.objects.filter(operator=operator, read_at=None, mailed_at=None, kind__in=ALERTS)
        waiting.update(mailed_at=Now())


def _claims() -> Iterator[tuple[Operator, list[int], datetime]]:
    """One person after the other: their notices, claimed at that time."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {"after": after, "alerts": [kind.value for kind in ALERTS]})
            rows = cursor.fetchall()
        if not rows:
            return
        after, _, mailed_at = rows[0]
        yield Operator.objects.get(id=after), [notice_id for _, notice_id, _ in rows], mailed_at


def _mail(operator: Operator, notice_ids: list[int], mailed_at: datetime) -> int:
    try:
        with written_in(language_of(operator)):
            mail = message(operator, notice_ids)
        mail.send()
    except Exception as error:
        # Whatever it was, of this mail or of the server: the other people's mails are tried, too.
        log.warning("digest_not_sent", operator=operator.pk, error=repr(error))
        Notice.objects.filter(id__in=notice_ids, mailed_at=mailed_at).update(mailed_at=None)
        return 0
    return 1


def message(operator: Operator, notice_ids: list[int]) -> EmailMessage:
    """The mail about these notices, alerts first. Its links lead to pages; following one changes nothing."""
    found = Notice.objects.filter(id__in=notice_ids).alias(is_alert=Q(kind__in=ALERTS))
    first = list(found.order_by("-is_alert", "-id")[:_MOST_SHOWN])
    context = {
        "operator": operator,
        "notices": [(notice, _address_of(notice)) for notice in first],
        "more": len(notice_ids) - len(first),
        "notices_url": settings.PUBLIC_URL + reverse("notices"),
        "preferences_url": settings.PUBLIC_URL + reverse("preferences"),
    }
    return EmailMessage(
        subject=_subject(first, len(notice_ids)),
        body=render_to_string("operators/desk/digest.txt", context),
        to=[operator.email],
        headers={"Message-ID": make_msgid(domain="handrail"), "Auto-Submitted": "auto-generated"},
    )


def _subject(first: Sequence[Notice], count: int) -> str:
    """What the first notice says, if it is an alert; else how many there are."""
    if not first or first[0].kind not in ALERTS:
        said = ngettext("Handrail: %(count)s unread notice", "Handrail: %(count)s unread notices", count)
        return said % {"count": count}
    # A subject is one line, and what agents write may be several.
    alert = Truncator(" ".join(shown(first[0]).split())).chars(_SUBJECT)
    if count == 1:
        return f"Handrail: {alert}"
    said = ngettext(
        "Handrail: %(alert)s (and %(count)s more notice)",
        "Handrail: %(alert)s (and %(count)s more notices)",
        count - 1,
    )
    return said % {"alert": alert, "count": count - 1}


def _address_of(notice: Notice) -> str:
    path = address_of(notice)
    return settings.PUBLIC_URL + path if path else ""
