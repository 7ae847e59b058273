"""Full-text search over cases: newest first, within a person's rights.

Words are compared as they are written, in lower case ("simple"): conversations come in many languages, and
most searches are for names and numbers. Quotes keep words together, a minus leaves a word out, "or" means
either (PostgreSQL's `websearch_to_tsquery`), and the word typed last may go on.

Two ways lead to the newest matches, and one statement takes them in turn. A common word is among the newest
cases anyway, so these are looked at first. What is not common enough there, the index has. It knows of which
time a case is: where many old cases have a word, only the newest of these are fetched, and where open ones
are asked for, only cases of times from which some are open. Only what is made of nothing but words to leave
out is looked for among the newest alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from escalations import sql
from escalations.models import CaseText, Operator, Role

# Characters of a search that are read.
LONGEST = 200
# How many of the newest cases are looked at before the index is asked.
_LOOKED_AT = 400
# How many matches in the sample (one case in 64) say how far back to read. As many as are wanted come before
# the last of these, but for one search in a hundred thousand, which then reads all matches.
_SAMPLED = 8
# A shorter beginning would stand for too many words.
_SHORTEST_BEGINNING = 3
_QUOTE = str.maketrans({"'": "''", "\\": "\\\\"})


@dataclass(frozen=True)
class Words:
    """A search as PostgreSQL takes it: `whole` as typed, and the `beginning` of a word as a tsquery."""

    whole: str
    beginning: str

    @classmethod
    def of(cls, text: str) -> "Words":
        """Read what somebody typed. Nothing in it is an error."""
        words = text.replace("\0", " ")[:LONGEST].split()
        last = re.sub(r"^\W+", "", words[-1]) if words else ""
        goes_on = (
            len(last) >= _SHORTEST_BEGINNING
            and not words[-1].startswith("-")
            and '"' not in text
            and "or" not in map(str.lower, words)
        )
        if not goes_on:
            return cls(" ".join(words), "")
        return cls(" ".join(words[:-1]), f"'{last.lower().translate(_QUOTE)}':*")

    @property
    def parameters(self) -> dict[str, str]:
        return {"whole": self.whole, "beginning": self.beginning}


# The statements, made of the files in escalations/sql/.
_OPEN = ("search_asked", "search_pool", "search_fits", "search_open")
_ALL = ("search_asked", "search_newest", "search_fits", "search_matched", "search_fits", "search_all")


def search(operator: Operator, text: str, limit: int = 50) -> list[UUID]:
    """The newest `limit` cases, open or closed, that `operator` may see and that have these words."""
    sees_all = operator.role in (Role.ADMIN, Role.REVIEWER)
    queues = [] if sees_all else list(operator.queues.values_list("id", flat=True))
    return find(text, sees_all=sees_all, queues=queues, everywhere=True, limit=limit)


def with_words(text: str) -> QuerySet[CaseText]:
    """The texts of all cases with these words, for a question about cases to be joined with."""
    words = Words.of(text)
    # The same as in search_asked.sql.
    asked = RawSQL(
        "words @@ (websearch_to_tsquery('simple', %s) && (%s::tsquery || to_tsquery('simple', %s)))",
        [words.whole, words.beginning, words.beginning],
        BooleanField(),
    )
    return CaseText.objects.filter(asked)


def find(text: str, *, everywhere: bool, limit: int, **within: Any) -> list[UUID]:
    """Ids of the newest `limit` cases with these words, in one query; closed ones only `everywhere`.

    `within` says whose they may be, and narrows (`_within`).
    """
    names, parameters = _statement(text, everywhere=everywhere, limit=limit, **within)
    return [row["id"] for row in sql.run(*names, **parameters)] if names else []


def finding(text: str, *, everywhere: bool, limit: int, **within: Any) -> RawSQL | list[UUID]:
    """What `find` gives, in no order, as a part of another question: `filter(id__in=finding(…))`."""
    names, parameters = _statement(text, everywhere=everywhere, limit=limit, **within)
    return sql.embedded(*names, **parameters) if names else []


def _statement(
    text: str, *, everywhere: bool, limit: int, **within: Any
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Names and parameters of the statement; no names where nothing is searched for."""
    words = Words.of(text)
    if not words.whole and not words.beginning:
        return (), {}
    return _ALL if everywhere else _OPEN, {
        **words.parameters,
        **_within(**within),
        "looked_at": _LOOKED_AT,
        "sampled": _SAMPLED + limit // 32,
        "most": limit,
    }


def _within(
    *,
    sees_all: bool,
    queues: Sequence[int],
    queue: str = "",
    kind: str = "",
    priority: int | None = None,
    agent: str = "",
    skill: str = "",
) -> dict[str, Any]:
    """`queues` are those whose cases may be seen, unless `sees_all`. The others narrow, where given."""
    return {
        "sees_all": sees_all,
        "queues": list(queues),
        "marks": "" if sees_all else " | ".join(f"'{mark(one)}'" for one in queues),
        "queue": queue,
        "kind": kind,
        "priority": priority,
        "agent": agent,
        "skill": skill,
    }


def mark(queue_id: int) -> str:
    """The word that says in which queue a case is. No text has it, for the parser never makes one like it."""
    return f"#{queue_id}"
