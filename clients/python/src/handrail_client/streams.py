"""Server-sent events, as the HTML standard (9.2.6) has them; their data must be JSON objects."""

import codecs
import re

from . import reading
from .answers import Event
from .errors import InvalidResponse
from .judging import Outcome, arrived, expect, refuse

_FINAL = ("handoff.resolved", "handoff.expired")
_LINE_END = re.compile(r"\r\n|\n|\r")
_LONGEST = 16 * 1024 * 1024
_RETRY_MAX = 60.0


def opened(outcome: Outcome) -> bool:
    """Whether a stream begins; False: all was told before.

    Raises:
        Unreachable, InvalidResponse, Refused: no stream of the desk was opened.
    """
    reply = arrived(outcome)
    if reply.status == 204:
        return False
    if reply.status != 200:
        refuse(reply)
    expect(reply, "text/event-stream")
    return True


class Parser:
    """Makes events of what comes, piece by piece. `last_id` is where the next stream has to go on."""

    def __init__(self, last_id: str) -> None:
        self.last_id = last_id
        # Seconds after which the desk wants to be asked again.
        self.retry = 0.0
        self.begin()

    def begin(self) -> None:
        """Another stream begins; of the one before, what was not whole is dropped."""
        self.heard = False
        self.is_over = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._clear()

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that are complete with this piece.

        Raises:
            InvalidResponse: no desk says such a thing.
        """
        try:
            self._text += self._decoder.decode(chunk)
        except UnicodeDecodeError:
            raise InvalidResponse("the stream is no UTF-8") from None
        if len(self._text) + sum(map(len, self._data)) > _LONGEST:
            raise InvalidResponse("an event does not end")
        # A CR at the very end may be half of a CRLF.
        *lines, self._text = _LINE_END.split(self._text) if not self._text.endswith("\r") else [self._text]
        self.heard = self.heard or bool(lines)
        return [event for line in lines if (event := self._take(line))]

    def _take(self, line: str) -> Event | None:
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = min(int(value[:9]) / 1000, _RETRY_MAX)
        return None

    def _complete(self) -> Event | None:
        type_, data, id_ = self._type, self._data, self._id
        self._clear()
        if not data:
            return None
        event = Event(id_, type_, reading.document("\n".join(data).encode()))
        self.last_id = id_ or self.last_id
        self.is_over = type_ in _FINAL
        return event

    def _clear(self) -> None:
        self._type, self._id = "message", ""
        self._data: list[str] = []
