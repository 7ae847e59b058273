"""JSON that a person typed."""

import json
import re
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# U+0000 as `json.dumps` spells it, and not the letters after an escaped backslash.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


# What Python's reader says of JSON that is none.
_SYNTAX = {
    "Expecting value": gettext_lazy("Expecting value"),
    "Expecting property name enclosed in double quotes": gettext_lazy(
        "Expecting property name enclosed in double quotes"
    ),
    "Expecting ':' delimiter": gettext_lazy("Expecting ':' delimiter"),
    "Expecting ',' delimiter": gettext_lazy("Expecting ',' delimiter"),
    "Extra data": gettext_lazy("Extra data"),
    "Unterminated string starting at": gettext_lazy("Unterminated string starting at"),
    "Invalid control character at": gettext_lazy("Invalid control character at"),
    "Invalid \\escape": gettext_lazy("Invalid \\escape"),
    "Invalid \\uXXXX escape": gettext_lazy("Invalid \\uXXXX escape"),
}


class NotJson(ValueError):
    """The text is no JSON, or JSON that could not be kept; the message says what is wrong where."""


def parse(text: str) -> Any:
    """The value of `text`.

    Raises:
        NotJson: it is no JSON, an object has a key twice, or it holds what no database keeps
            (NaN, infinities, U+0000).
    """
    try:
        value = _DECODER.decode(text)
        encoded = json.dumps(value)
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        values = {"what": _what(error.msg), "line": error.lineno, "column": error.colno}
        raise NotJson(_("%(what)s (line %(line)s, column %(column)s).") % values) from None
    except RecursionError:
        raise NotJson(_("It is nested too deeply.")) from None
    except ValueError:  # Python's guard against integers that take long to read
        raise NotJson(_("An integer has more than 4,300 digits.")) from None
    if _NUL.search(encoded):
        raise NotJson(_("The character U+0000 cannot be kept."))
    return value


def _what(message: str) -> str:
    return str(_SYNTAX.get(message.removesuffix(": "), message))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := next((key for at, key in enumerate(keys) if key in keys[:at]), None):
        raise NotJson(_("The key “%(key)s” stands twice in one object.") % {"key": twice})
    return dict(pairs)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise NotJson(_("The number %(number)s is too large.") % {"number": text[:20]})
    return number


def _no_constant(text: str) -> Any:
    raise NotJson(_("%(word)s is no number in JSON.") % {"word": text})


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
