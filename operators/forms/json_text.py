"""JSON that a person typed."""

import json
import re
from math import isfinite
from typing import Any

# U+0000 as `json.dumps` spells it, and not the letters after an escaped backslash.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


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
        raise NotJson(f"{error.msg} (line {error.lineno}, column {error.colno}).") from None
    except RecursionError:
        raise NotJson("It is nested too deeply.") from None
    except ValueError:  # Python's guard against integers that take long to read
        raise NotJson("An integer has more than 4,300 digits.") from None
    if _NUL.search(encoded):
        raise NotJson("The character U+0000 cannot be kept.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := next((key for at, key in enumerate(keys) if key in keys[:at]), None):
        raise NotJson(f"The key “{twice}” stands twice in one object.")
    return dict(pairs)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise NotJson(f"The number {text[:20]} is too large.")
    return number


def _no_constant(text: str) -> Any:
    raise NotJson(f"{text} is no number in JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
