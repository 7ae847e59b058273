"""A live list as it is sent: rows that a browser was sent before are named instead of sent again.

A list of fifty rows is 50 kB, and on a busy desk it changes ten times a second for everybody who looks at it.
What changed is usually a row or two.
"""

import json
import re
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from escalations.events import Position

# As templates/operators/queue/_row.html writes them; a row holds no list.
_ROW = re.compile(r'<li [^>]*\bid="(case-[^"]+)".*?</li>', re.DOTALL)
# The time left is written anew at each render, and the browser counts by itself.
_COUNTING = re.compile(r"(<time [^>]*\bdata-(?:due|relative)[^>]*>)[^<]*")


class Listing:
    """A rendered list. The text for each earlier one that a browser may have is made once."""

    def __init__(self, generation: int, cursor: Position, html: str) -> None:
        self._head = {"type": "html", "generation": generation, "cursor": str(cursor)}
        self._rows = {found[1]: found[0] for found in _ROW.finditer(html)}
        self._frame = _ROW.sub(r"<!--row \1-->", html)
        self._texts: WeakKeyDictionary[Listing, str] = WeakKeyDictionary()

    def text(self, before: "Listing | None") -> str:
        """The message for a browser that was last sent `before`, or nothing yet."""
        if before is None:
            return self._message(self._rows)
        if before not in self._texts:
            self._texts[before] = self._message(_changed(before._rows, self._rows))
        return self._texts[before]

    def _message(self, rows: Mapping[str, str]) -> str:
        return json.dumps(self._head | {"html": self._frame, "rows": rows})


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return {name: row for name, row in now.items() if _still(row) != _still(before.get(name, ""))}


def _still(row: str) -> str:
    return _COUNTING.sub(r"\1", row)
