"""Values of conditions as a person types them: `100`, `US`, `true`; several with commas: `US, "A, B"`.

What would be read as something else stands in quotes: `"100"` is a text.
"""

import json
import re
from typing import Any

from operators.fields import json_text

_ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')


def read(text: str) -> Any:
    """One value: a number, true, false, or a text."""
    text = text.strip()
    try:
        value = json_text.parse(text)
        str(value).encode()  # half of a surrogate pair is no text
    except (json_text.NotJson, UnicodeEncodeError):
        return text
    return value if isinstance(value, str | int | float) else text


def read_list(text: str) -> list[Any]:
    """The values between the commas; what is empty is none."""
    found, at = [], 0
    while at < len(text) and (item := _ITEM.match(text, at)):
        if item[1].strip():
            found.append(read(item[1]))
        at = item.end()
    return found if at >= len(text) else [text]


def number(text: str) -> float | None:
    """A finite number, or None where the text is none."""
    value = read(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def shown(value: Any) -> str:
    """A value as its field shows it; `read`, or `read_list` of a list, gives it back."""
    if isinstance(value, list):
        return ", ".join(_quoted(one) if isinstance(one, str) and "," in one else shown(one) for one in value)
    if not isinstance(value, str):
        return json.dumps(value)
    return value if read(value) == value and isinstance(read(value), str) and value else _quoted(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
