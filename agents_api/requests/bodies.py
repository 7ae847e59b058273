"""From a request's bytes to a JSON document, and no further when it could do harm later."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest

from agents_api.problems import Flaw, Problem, pointer
from agents_api.requests import misread

BODY_MAX = 4 * 1024 * 1024
NESTING_MAX = 64


class Readable(Protocol):
    """What a body can be read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Body:
    """A JSON body: its bytes, and the document in them."""

    raw: bytes
    document: Any

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def read(request: HttpRequest, *, media_types: Sequence[str] = ("application/json",)) -> Body:
    """The JSON body of a request, never more than `BODY_MAX` bytes of it in memory.

    Raises:
        Problem: another media type, too large, no JSON, or nested too deeply.
    """
    if request.content_type not in media_types:
        raise Problem("unsupported-media-type", headers={"Accept": ", ".join(media_types)})
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > BODY_MAX:
        raise Problem("body-too-large")
    raw = _read_bounded(request)
    return Body(raw, _decode(raw))


def member_text(body: str, name: str) -> str | None:
    """The member `name` of the JSON object in `body`, letter for letter as it stands there."""
    decode, at = json.JSONDecoder().raw_decode, _end_of_gap(body, body.index("{") + 1)
    while body[at] != "}":
        key, end = decode(body, at)
        start = _end_of_gap(body, end)
        _, end = decode(body, start)
        if key == name:
            return body[start:end]
        at = _end_of_gap(body, end)
    return None


def _end_of_gap(text: str, start: int) -> int:
    while text[start] in " \t\r\n:,":
        start += 1
    return start


def _read_bounded(request: HttpRequest) -> bytes:
    stream, chunks, room = _stream(request), [], BODY_MAX + 1
    try:
        while room > 0 and (chunk := stream.read(room)):
            chunks.append(chunk)
            room -= len(chunk)
    except OSError:
        raise Problem("not-json", "The connection broke before the body was complete.") from None
    if room <= 0:
        raise Problem("body-too-large")
    return b"".join(chunks)


def _stream(request: HttpRequest) -> Readable:
    meta = request.META
    if not meta.get("CONTENT_LENGTH") and meta.get("wsgi.input_terminated"):
        # Sent in chunks. Django would take it for empty, though the server marks where it ends.
        stream: Readable = meta["wsgi.input"]
        return stream
    return request


def _decode(raw: bytes) -> Any:
    try:
        document = _parse(raw.decode("utf-8"))
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise _not_json(f"The body is not JSON: {error}.") from None
    if _deeper_than(document, NESTING_MAX):
        raise _too_deep(document)
    if halves := misread.half_characters(raw, document):
        raise _not_json(f"The body is not JSON: {halves[0].detail}.", halves)
    # Columns and JSON operators of the database refuse U+0000; the quick look finds all that could hold one.
    if b"\\u0000" in raw and (places := list(_nul_places(document, ()))):
        raise Problem("invalid-request", errors=[Flaw(place, "U+0000 cannot be kept.") for place in places])
    return document


def _parse(text: str) -> Any:
    try:
        return misread.strictly(text)
    except misread.NotJson as error:
        raise _not_json(f"The body is not JSON: {error}.", misread.flaws(text)) from None
    except json.JSONDecodeError as error:
        raise _not_json(f"The body is not JSON: {error}.") from None
    except ValueError:  # Python's guard against integers that take long to read
        raise _not_json("The body is not JSON: an integer has more than 4,300 digits.") from None


def _not_json(words: str, places: Sequence[Flaw] = ()) -> Problem:
    """Points at the body as a whole where the places are not known."""
    return Problem("not-json", words, errors=places or [Flaw("", words)])


def _deeper_than(document: Any, limit: int) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(limit):
        level = [
            value
            for node in level
            for value in (node.values() if type(node) is dict else node)
            if type(value) in (dict, list)
        ]
    return bool(level)


def _nul_places(value: Any, location: tuple[int | str, ...]) -> Iterator[str]:
    if location == ("state",):  # opaque and never read, so it may hold anything
        return
    if isinstance(value, str) and "\0" in value:
        yield pointer(location)
    if isinstance(value, dict):
        yield from (pointer(location) for key in value if "\0" in key)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from _nul_places(item, (*location, step))


def _too_deep(document: Any = None) -> Problem:
    """Points at the members of the body that are too deep; at the whole where they are not known."""
    words = f"The body is nested more than {NESTING_MAX} levels deep."
    members = document.items() if isinstance(document, dict) else ()
    places = [pointer([name]) for name, value in members if _deeper_than(value, NESTING_MAX - 1)]
    return Problem("invalid-request", words, errors=[Flaw(place, words) for place in places or [""]])
