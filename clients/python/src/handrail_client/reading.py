"""What a good answer's body says, and whether it is about what was asked."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from .answers import Case
from .decoding import Undocumented, decode
from .errors import InvalidResponse
from .verdicts import RunsTaken

T = TypeVar("T")
Reads = Callable[[bytes], T]

_DECODER = json.JSONDecoder()


def case(about: UUID | None = None, *, past: int = 0) -> Reads[Case]:
    """A case, the one with the id `about` if that is known, of a version past `past`."""

    def read(content: bytes) -> Case:
        found = _decoded(Case, document(content))
        if about not in (None, found.id):
            raise InvalidResponse("the answer is about another handoff")
        if found.version <= past:
            raise InvalidResponse(f"version {found.version} was asked to be past {past}: an old copy")
        return _with_state(found, content)

    return read


def of(kind: type[T]) -> Reads[T]:
    """Whatever else is documented."""
    return lambda content: _decoded(kind, document(content))


def runs_taken(sent: int) -> Reads[RunsTaken]:
    """What became of so many runs."""

    def read(content: bytes) -> RunsTaken:
        found = _decoded(RunsTaken, document(content))
        if len(found.results) != sent:
            raise InvalidResponse(f"the answer is about {len(found.results)} runs, not {sent}")
        return found

    return read


def nothing(content: bytes) -> None:
    """Of an answer that has no body."""


def document(content: bytes) -> dict[str, Any]:
    """The object in a body.

    Raises:
        InvalidResponse: there is none.
    """
    try:
        found = json.loads(content.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidResponse("the body is no JSON") from None
    if not isinstance(found, dict):
        raise InvalidResponse("the body is no object")
    return found


def _decoded(kind: type[T], value: object) -> T:
    try:
        return decode(kind, value)
    except Undocumented as error:
        raise InvalidResponse(str(error)) from None


def _with_state(case: Case, content: bytes) -> Case:
    """The same, with the echoed state as it stands in the body, which decoding would have changed."""
    if case.decision is None or case.decision.state is None:
        return case
    text = _member(_member(content.decode(), "decision"), "state")
    return replace(case, decision=replace(case.decision, state_bytes=text.encode()))


def _member(text: str, name: str) -> str:
    """The member `name` of the object in `text`, letter for letter; of a name that stands twice, the last."""
    at, found = _end_of_gap(text, text.index("{") + 1), ""
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _end_of_gap(text, at)
        _, end = _DECODER.raw_decode(text, start)
        found = text[start:end] if key == name else found
        at = _end_of_gap(text, end)
    return found


def _end_of_gap(text: str, start: int) -> int:
    while text[start] in " \t\r\n:,":
        start += 1
    return start


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
