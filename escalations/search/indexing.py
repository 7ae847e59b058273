"""Keeps the words of cases for the search, off the path of intake: prompt, and complete if late.

One pass reads from the event log what came since the last one (`escalations.events`), so it misses nothing
that commits late and costs nothing when nothing came. Cases from before the first pass are its backlog:
the open ones first, then the others from the newest down. A pass may run twice, or stop anywhere.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.db import Error, connection, transaction

from escalations import events
from escalations.events import Position
from escalations.models import Bookmark, CaseText, Escalation, Handoff, Turn
from escalations.search.queries import mark

# Characters of a case that are searchable, the latest messages first: a tsvector holds 1 MB at most.
LONGEST = 100_000
BATCH = 100
_LOG, _BACKLOG = "words", "words backlog"
_CHANGES = frozenset({"message", "said", "transferred", "reopened"})
# The same each time, and nobody looks for it.
_SKIPPED_ROLES = frozenset({"system", "developer"})
_WRITE = """
    INSERT INTO escalations_casetext (case_id, words)
    SELECT escalation.id, to_tsvector('simple', given.text) || array_to_tsvector(given.marks::text[])
    FROM jsonb_to_recordset(%s::jsonb) AS given (id uuid, text text, marks text[])
    JOIN escalations_escalation escalation USING (id)
    ON CONFLICT (case_id) DO UPDATE SET words = excluded.words
"""
log = structlog.get_logger(__name__)


def index_pending(limit: int = BATCH) -> int:
    """Write the words of all cases that came or changed, and of up to `limit` from the backlog.

    Returns how many cases that were. Not to run alongside itself: `escalations.sweeps` sees to that.
    """
    bookmark = _started()
    position = Position.parse(bookmark.place)
    found, reached = events.committed_since(position)
    if reached.end < position.end:  # the database was copied to a server whose transactions count anew
        Bookmark.objects.filter(name__in=(_LOG, _BACKLOG)).delete()
        return index_pending(limit)
    changed = list(dict.fromkeys(event.case_id for event in found if event.kind in _CHANGES))
    # Those that an unfinished pass has written already are not written again.
    opened = _without_words([event.case_id for event in found if event.kind == "opened"])
    written = _write_all([*opened, *changed])
    bookmark.place = str(reached)
    bookmark.save(update_fields=["place"])
    return written + _work_off(limit)


def _started() -> Bookmark:
    """Where the log was read to. The first pass begins at its end, and all cases of then are backlog."""
    if bookmark := Bookmark.objects.filter(name=_LOG).first():
        return bookmark
    # In this order: what commits in between is in both.
    end = events.position()
    newest = Escalation.objects.order_by("-id").values_list("id", flat=True).first()
    with transaction.atomic():
        Bookmark.objects.create(name=_BACKLOG, place=str(newest or ""))
        return Bookmark.objects.create(name=_LOG, place=str(end))


def _work_off(limit: int) -> int:
    """The next cases of the backlog. Returns how many were gone through. An empty place is its end."""
    backlog = Bookmark.objects.get(name=_BACKLOG)
    if not backlog.place:
        return 0
    waiting = Escalation.objects.open().filter(text=None, id__lte=backlog.place).order_by("-id")[:limit]
    if open_ones := list(waiting.values_list("id", flat=True)):
        return _write_all(open_ones)
    before = Escalation.objects.filter(id__lte=backlog.place).order_by("-id").values_list("id", flat=True)
    page = list(before[: limit + 1])
    _write_all(_without_words(page[:limit]))
    backlog.place = str(page[limit]) if len(page) > limit else ""
    backlog.save(update_fields=["place"])
    return len(page[:limit])


def _without_words(ids: Sequence[UUID]) -> list[UUID]:
    known = set(CaseText.objects.filter(case_id__in=ids).values_list("case_id", flat=True))
    return [one for one in dict.fromkeys(ids) if one not in known]


def _write_all(ids: Iterable[UUID]) -> int:
    """Write the words of these cases, a batch at a time. Returns how many."""
    remaining, written = iter(ids), 0
    while batch := list(islice(remaining, BATCH)):
        cases = list(Escalation.objects.filter(id__in=batch))
        _write([_given(case, handoffs, turns) for case, handoffs, turns in _parts(cases)])
        written += len(cases)
    return written


def _parts(cases: Sequence[Escalation]) -> Iterable[tuple[Escalation, Handoff | None, list[Turn]]]:
    ids = [case.id for case in cases]
    handoffs = Handoff.objects.in_bulk(ids)
    turns: dict[UUID, list[Turn]] = {}
    for turn in Turn.objects.filter(case_id__in=ids).order_by("id"):
        turns.setdefault(turn.case_id, []).append(turn)
    for case in cases:
        yield case, handoffs.get(case.id), turns.get(case.id, [])


def _given(case: Escalation, handoff: Handoff | None, turns: Sequence[Turn]) -> dict[str, Any]:
    queues = {case.queue_id, case.overflow_queue_id or case.queue_id}
    text = words_of(case.headline, handoff, [turn.message for turn in turns])
    return {"id": str(case.id), "text": text, "marks": sorted(map(mark, queues))}


def words_of(headline: str, handoff: Handoff | None, since: Sequence[dict[str, Any]]) -> str:
    """The text that a case is found by, up to `LONGEST` characters."""
    payload = handoff.payload if handoff else {}
    said = [*(handoff.messages if handoff else []), *since]
    parts = [str(payload.get(name) or "") for name in ("question", "summary")]
    if headline not in (" ".join(part.split()) for part in parts):  # or phrases would run across the two
        parts.append(headline)
    left = LONGEST
    kept = []
    for text in [*parts, *map(_said, reversed(said))]:
        kept.append(text[:left])
        left -= len(text) + 1
        if left <= 0:
            break
    return "\n".join(kept).replace("\0", " ").encode(errors="ignore").decode()


def _said(message: dict[str, Any]) -> str:
    if message.get("role") in _SKIPPED_ROLES:
        return ""
    content = message.get("content") or ""
    calls = [call.get("function") or {} for call in message.get("tool_calls") or []]
    asked = [f"{call.get('name', '')} {call.get('arguments', '')}" for call in calls]
    return " ".join([content if isinstance(content, str) else " ".join(_texts(content)), *asked])


def _texts(content: Any) -> Iterable[str]:
    parts = content if isinstance(content, list) else [content]
    return (str(part.get("text") or "") if isinstance(part, dict) else str(part) for part in parts)


def _write(rows: list[dict[str, Any]]) -> None:
    """Write them at once; if one cannot be, the others by themselves and that one without its text."""
    try:
        _insert(rows)
    except Error as error:
        # Classes of SQLSTATE: the data are at fault, or a limit of the program.
        if getattr(error.__cause__, "sqlstate", "")[:2] not in ("22", "54"):
            raise
        if len(rows) > 1:
            for row in rows:
                _write([row])
        else:
            log.warning("words_not_kept", case=rows[0]["id"], error=repr(error))
            _insert([rows[0] | {"text": ""}])


def _insert(rows: list[dict[str, Any]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(rows)])
