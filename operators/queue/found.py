"""Where the words of a search stand in the rows that are shown: marked in the headline, else in a snippet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from escalations.models import Escalation, Handoff, Turn
from escalations.search.indexing import words_of

# Texts of cases are long, so only so many rows get a snippet.
SNIPPETS = 20
_BEFORE, _LENGTH = 40, 140


@dataclass(frozen=True)
class Found:
    """A row's headline with its matches marked, and some of the text where the headline has not all words."""

    headline: SafeString
    snippet: SafeString | str


def marks(cases: Sequence[Escalation], typed: str) -> dict[UUID, Found]:
    """What to show of each row that a search for `typed` found; nothing where nothing was searched.

    One query at most, for the texts of those rows whose headline has not all of the words.
    """
    words = _words(typed)
    if not words:
        return {}
    texts = _texts([case.pk for case in cases if not _has_all(case.headline, words)][:SNIPPETS])
    return {
        case.pk: Found(mark(case.headline, words), _snippet(texts.get(case.pk, ""), words)) for case in cases
    }


def mark(text: str, words: Sequence[str]) -> SafeString:
    """Escaped text with `<mark>` around whatever begins with one of `words`."""
    pieces = enumerate(re.split(_pattern(words), text))  # every second one is a match
    shown = ((format_html("<mark>{}</mark>", piece) if at % 2 else piece,) for at, piece in pieces)
    return format_html_join("", "{}", shown)


def _words(typed: str) -> list[str]:
    """The words that were asked for, without those to leave out."""
    kept = re.sub(r"(^|\s)-(\"[^\"]*\"?|\S+)", " ", typed.lower())
    return [word for word in re.findall(r"[^\s\"]+", kept) if word != "or" and re.search(r"\w", word)]


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted((word.strip(".,;:!?()") for word in words), key=len, reverse=True)
    return re.compile(rf"(?i)((?<!\w)(?:{'|'.join(map(re.escape, longest_first))})\w*)")


def _has_all(text: str, words: Sequence[str]) -> bool:
    return all(_pattern([word]).search(text) for word in words)


def _texts(ids: Sequence[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    turns = Turn.objects.filter(case=OuterRef("case")).order_by("id").values("message")
    handoffs = Handoff.objects.filter(case_id__in=ids).annotate(since=ArraySubquery(turns))
    return {handoff.case_id: words_of("", handoff, handoff.since) for handoff in handoffs}


def _snippet(text: str, words: Sequence[str]) -> SafeString | str:
    """Some of `text` around the first match."""
    match = _pattern(words).search(text)
    if match is None:
        return ""
    start = max(0, match.start() - _BEFORE)
    end = min(len(text), start + _LENGTH)
    piece = " ".join(text[start:end].split())
    if start:
        piece = piece.partition(" ")[2]  # no half word
    return mark(f"{'…' if start else ''}{piece}{'…' if end < len(text) else ''}", words)
