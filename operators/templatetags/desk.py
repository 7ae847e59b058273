"""What every template of the desk may use without loading it: icons, times, amounts, hostile text."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from escalations import stored_words
from escalations.handoffs import dispatch
from escalations.models import Clock, Escalation, Notice, Operator
from escalations.people import notices
from escalations.people.desks import Offered
from operators import catalogue
from operators.metrics import dashboards as kept_pages
from operators.notice_links import address_of
from operators.rendering import difference, formatting
from operators.rendering.markdown import render_markdown

register = template.Library()

_MINUTE = 60

whole = register.filter(formatting.whole)
percent = register.filter(formatting.percent)
money = register.filter(formatting.money)
duration = register.filter(formatting.duration)
clock = register.filter(formatting.clock)
local = register.filter(formatting.local)
local_second = register.filter(formatting.local_second)
local_hour = register.filter(formatting.local_hour)
small = register.filter(formatting.small)
day_name = register.simple_tag(formatting.day_name)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Lucide icon from the vendored sprite; for decoration only, the words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("vendor/lucide/icons.svg"),
        name,
    )


@register.simple_tag
def catalogue_address() -> str:
    """Where the scripts' texts in the language of the page are."""
    return catalogue.address()


@register.simple_tag
def due(case: Escalation | Offered, now: datetime | None = None) -> SafeString:
    """The time left of the clock that runs out next, as a <time> that times.js keeps counting.

    It says which clock that is, unless it is that of the decision. Amber when the case is at risk, as in the
    figures, and red when the time is over. For a case that waits, the clocks stand still.
    """
    if case.next_due_at is None:
        return SafeString()
    left = _countdown(case.next_due_at, case.at_risk_at, case.paused_at, now)
    if case.paused_at or case.next_clock == Clock.RESOLUTION:
        return left
    words = _("pickup {left}") if case.next_clock == Clock.PICKUP else _("answer {left}")
    return format_html(words, left=left)


@register.simple_tag
def decision_due(case: Escalation, now: datetime | None = None) -> SafeString:
    """The time left to decide, like `due`; amber while no other clock runs out before."""
    is_next = case.next_clock == Clock.RESOLUTION
    return _countdown(case.due_at, case.at_risk_at if is_next else None, case.paused_at, now)


@register.simple_tag
def answer_due(case: Escalation, now: datetime | None = None) -> SafeString:
    """The time left to answer the user, as `due` shows the time left to decide; nothing if none is owed."""
    return (
        _countdown(case.response_due_at, None, case.paused_at, now) if case.response_due_at else SafeString()
    )


def _countdown(
    due_at: datetime, at_risk_at: datetime | None, paused_at: datetime | None, now: datetime | None
) -> SafeString:
    shown_at = paused_at or now or timezone.now()
    left = (due_at - shown_at).total_seconds()
    is_at_risk = at_risk_at is not None and shown_at >= at_risk_at
    tone = "bad" if left <= 0 else "warn" if is_at_risk else ""
    text = clock(due_at, shown_at)
    if paused_at:
        hint = _("The clock stands still until the reply comes.")
        paused = _("paused %(left)s") % {"left": text}
        return format_html('<span class="{}" title="{}">{}</span>', tone, hint, paused)
    return format_html(
        '<time datetime="{}" data-due="{}" class="{}">{}</time>',
        due_at.astimezone(UTC).isoformat(),
        at_risk_at.astimezone(UTC).isoformat() if at_risk_at else "",
        tone,
        text,
    )


@register.simple_tag
def remaining(moment: datetime, now: datetime | None = None) -> SafeString:
    """The time left until `moment` as a <time> that times.js keeps counting, without a warning in it."""
    now = now or timezone.now()
    left = max(moment, now) if moment else now
    return format_html(
        '<time datetime="{}" data-due>{}</time>',
        left.astimezone(UTC).isoformat(),
        clock(left, now),
    )


@register.simple_tag
def ago(moment: datetime, now: datetime | None = None) -> SafeString:
    """How long ago `moment` was, as a <time> that times.js keeps counting."""
    passed = ((now or timezone.now()) - moment).total_seconds()
    text = (
        _("%(duration)s ago") % {"duration": duration(round(passed))} if passed >= _MINUTE else _("just now")
    )
    return format_html(
        '<time datetime="{}" data-relative>{}</time>', moment.astimezone(UTC).isoformat(), text
    )


@register.simple_tag
def lasting(since: datetime, now: datetime | None = None) -> SafeString:
    """How long something lasts by now, as a <time> that times.js keeps counting."""
    now = now or timezone.now()
    shown = clock(now + max(timedelta(), now - since), now)
    return format_html('<time datetime="{}" data-since>{}</time>', since.astimezone(UTC).isoformat(), shown)


@register.simple_tag(takes_context=True)
def dashboards(context: Mapping[str, Any]) -> dict[str, Any]:
    """The kept pages of figures (`shown`), and this page if it can be kept: its name and its query."""
    request = context["request"]
    name = request.resolver_match.url_name
    query = request.GET.urlencode()
    page = name if name in kept_pages.PAGES else ""
    return {"shown": kept_pages.shown(request.user, name, query), "page": page, "query": query}


@register.filter
def choices(operator: Operator) -> dict[str, Any]:
    """What of a person's preferences the scripts of each page need."""
    return {
        "id": operator.pk,
        "keymap": operator.keymap,
        "single_keys": operator.single_keys,
        "sounds": operator.sounds,
        "timezone": operator.timezone,
    }


@register.filter
def of(by_key: Mapping[Any, Any], key: Any) -> Any:
    """`marks|of:case.id`: what is known under a key, or nothing."""
    return by_key.get(key) if by_key else None


@register.filter
def panel_key(case: Escalation) -> str:
    """What the decision side of a case page stands for: while this is equal, nobody needs another one."""
    holder = case.holder_id if case.is_held else ""
    return f"{case.state} {holder} {case.cycle} {case.delivery}"


@register.filter
def gone_from(case: Escalation) -> str:
    """From when on the agent of the case counts as gone, for times.js; empty if it does not."""
    moment = dispatch.gone_from(case)
    return moment.astimezone(UTC).isoformat() if moment else ""


@register.filter
def is_over(moment: str) -> bool:
    """Whether that time, written by `gone_from`, has come."""
    return bool(moment) and datetime.fromisoformat(moment) <= timezone.now()


@register.filter
def kept_as(case: Escalation, form: str) -> str:
    """Under which name browsers keep what is typed into a form about the case and not saved."""
    return f"{case.id}.{case.cycle}.{form}"


@register.filter
def initials(operator: Operator) -> str:
    """Up to two capital letters that stand for a person."""
    words = str(operator).split() or [operator.username]
    return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


@register.filter
def told(notice: Notice) -> str:
    """What a notice says; see `escalations.people.notices.shown`."""
    return notices.shown(notice)


@register.filter
def leads_to(notice: Notice) -> str:
    """The page that a notice is about; see `operators.notice_links`."""
    return address_of(notice)


@register.filter
def stored(words: str) -> str:
    """Words from a row, translated where they are the desk's own; see `escalations.stored_words`."""
    return stored_words.shown(words)


@register.filter
def pretty_json(value: Any) -> str:
    """JSON, or a string that holds some, indented; see `operators.rendering.difference.pretty_json`."""
    return difference.pretty_json(value)


@register.filter(name="json")
def as_json(value: Any) -> str:
    """A value as JSON on one line, for an attribute that a script reads."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def diff_lines(before: Any, after: Any) -> Iterable[tuple[str, str]]:
    """`before|diff_lines:after` gives `(sign, text)` per line; see `rendering.difference.diff_lines`."""
    return difference.diff_lines(before, after)


@register.filter
def markdown(text: str | None) -> SafeString:
    """Hostile Markdown as harmless HTML; see `operators.rendering.markdown`."""
    return render_markdown(text or "")
