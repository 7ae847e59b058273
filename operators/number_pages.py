"""Pages of what is numbered and never changed: what was made, one number of it, and how two differ."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from escalations.labels import taxonomy
from escalations.labels.taxonomy import Meanings, Mode
from escalations.models import Guideline, Policy, Taxonomy
from operators.rendering import difference

Numbered = Policy | Taxonomy | Guideline
SHOWN = 100


def content(row: Numbered | None) -> Any:
    """What a number says; None where there is none."""
    match row:
        case Policy():
            return row.rules
        case Taxonomy():
            return row.content
        case Guideline():
            return row.text
    return None


def history(made: Iterable[Any], address: Callable[[int], str]) -> list[tuple[Any, str]]:
    """What was made, each with where it is shown."""
    return [(row, address(row.number)) for row in made]


def comparison(shown: Numbered, *, against: Numbered | None, others: QuerySet[Any]) -> dict[str, Any]:
    """What the page of one number shows: what changed, and what else it can be compared with."""
    return {
        "shown": shown,
        "against": against,
        "others": others[:SHOWN],
        "chunks": changes(against, shown),
    }


def changes(before: Numbered | None, after: Numbered) -> list[difference.Chunk]:
    """What changed between two numbers, line by line; without a `before` it is all as it was."""
    return difference.chunks(difference.diff_lines(_told(before), _told(after)))


def changed_since(before: Numbered | None, now: Numbered | None) -> list[difference.Chunk]:
    """What came into force after `before` was: all of it where there was none."""
    new = _told(now)
    old = type(new)() if before is None else _told(before)
    return difference.chunks(difference.diff_lines(old, new))


def _told(row: Numbered | None) -> Any:
    """What a number says, as people read it."""
    return _in_words(taxonomy.said_by(row.content)) if isinstance(row, Taxonomy) else content(row)


def _in_words(meanings: Meanings) -> str:
    codes = [f"  {code.value} {code.title}" for code in meanings.codes]
    modes = [line for mode in meanings.modes for line in _mode_in_words(mode)]
    return "\n".join([*modes, _("Codes of published taxonomies"), *codes])


def _mode_in_words(mode: Mode) -> list[str]:
    meaning = [f"  {line}" for line in str(mode.meaning).splitlines()]
    examples = [f"  – {line}" for example in mode.examples for line in example.splitlines()]
    return [str(mode.title), *meaning, *examples, *([] if mode.is_on else ["  " + _("cannot be chosen")])]
