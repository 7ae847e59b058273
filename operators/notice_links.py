"""Where a notice leads: to the page of its case, or to the settings that it is about."""

from django.urls import reverse

from escalations.models import Notice, NoticeKind


def address_of(notice: Notice) -> str:
    """The path of a page, where following it changes nothing; empty if there is none."""
    if notice.case_id:
        return reverse("case", args=[notice.case_id])
    if notice.kind == NoticeKind.WEBHOOK_OFF:
        return reverse("admin:agents_api_webhookendpoint_changelist") + "?is_active__exact=0"
    if notice.kind == NoticeKind.ALERT:
        return reverse("alerts")
    if notice.kind == NoticeKind.AUDIT_FLAW:
        return reverse("audit_log")
    return ""
