"""Amounts, times and labels as people read them, in their language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import dateformat, formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from escalations.models import Operator
from escalations.wording import number as spelt

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Languages that write nouns with a capital letter wherever they stand.
_CAPITAL_NOUNS = ("de",)


def whole(number: int) -> str:
    """A count with its thousands apart, as "1,204"."""
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def percent(share: float | Decimal | None, places: int = 1) -> str:
    """A share from 0 to 1 as "93.2%"; nothing for None."""
    if share is None:
        return ""
    number = Decimal(f"{share:.{places}%}".rstrip("%"))
    return pgettext("a share", "%(number)s%%") % {"number": spelt(number, places)}


def interval(bounds: tuple[float, float]) -> str:
    """A 95% interval of a share as "90.3 to 95.3%"."""
    low = formats.number_format(f"{100 * bounds[0]:.1f}", 1, use_l10n=True)
    return _("%(low)s to %(high)s") % {"low": low, "high": percent(bounds[1])}


def money(dollars: float | Decimal | str | None) -> str:
    """US dollars as "$1,204.50"; amounts under a cent keep four places, None gives nothing."""
    if dollars is None:
        return ""
    amount = Decimal(str(dollars))
    places = 4 if 0 < abs(amount) < Decimal("0.01") else 2
    shown = pgettext("an amount of money", "$%(amount)s") % {"amount": spelt(abs(amount), places)}
    return f"−{shown}" if amount < 0 else shown


def duration(seconds: float | Decimal | timedelta | None) -> str:
    """Seconds as "0.8 s", "48 s", "3 min", "1 h 20 min" or "2 d 3 h"; nothing for None."""
    if seconds is None:
        return ""
    exact = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if exact < 9.95:
        tenths = f"{exact:.1f}"
        return f"{spelt(Decimal(tenths), 0 if tenths.endswith('.0') else 1)} s"
    if exact < 59.5:
        return f"{exact:.0f} s"
    minutes = round(exact / _MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _joined((hours, "h"), (minutes, "min"))
    return _joined((hours // 24, "d"), (hours % 24, "h"))


def clock(due_at: datetime, now: datetime | None = None) -> str:
    """Time left: "4:40", "1 h 04", "3 d"; with a minus sign when `due_at` is over."""
    left = int((due_at - (now or timezone.now())).total_seconds())
    sign, left = ("−" if left < 0 else ""), abs(left)
    if left < _HOUR:
        return f"{sign}{left // _MINUTE}:{left % _MINUTE:02}"
    if left < 2 * _DAY:
        return f"{sign}{left // _HOUR} h {left % _HOUR // _MINUTE:02}"
    return f"{sign}{left // _DAY} d"


def local(moment: datetime | None, operator: Operator | None = None) -> str:
    """`moment` in the operator's time zone, as "22 Nov 2025, 10:33"; UTC without an operator."""
    if moment is None:
        return ""
    zone = ZoneInfo(operator.timezone) if operator and operator.is_authenticated else UTC
    there = moment.astimezone(zone)
    return dateformat.format(there, pgettext("format of a time", "j M Y, H:i"))


def local_second(moment: datetime, operator: Operator) -> str:
    """`moment` in the operator's time zone to the second, as "22 Nov 2025, 10:33:07"."""
    return f"{local(moment, operator)}:{moment:%S}"


def local_hour(moment: datetime, operator: Operator) -> str:
    """The start of an hour in the operator's time zone, as "10:00"."""
    return f"{moment.astimezone(ZoneInfo(operator.timezone)):%H:%M}"


def day(when: date) -> str:
    """A day as "22 Nov 2025"."""
    return dateformat.format(when, pgettext("format of a day", "j M Y"))


def day_name(when: date, operator: Operator, now: datetime | None = None) -> str:
    """A day as people call it: "Today", "Yesterday", "22 Nov 2025"."""
    today = (now or timezone.now()).astimezone(ZoneInfo(operator.timezone)).date()
    ago = (today - when).days
    if ago == 0:
        return _("Today")
    if ago == 1:
        return _("Yesterday")
    return day(when)


def small(label: str | Promise) -> str:
    """A label as it stands within a line: in small letters, but for languages with capital nouns."""
    language = (get_language() or "en").split("-")[0]
    return str(label) if language in _CAPITAL_NOUNS else str(label).lower()


def _joined(*parts: tuple[int, str]) -> str:
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
