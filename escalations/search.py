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


def find(
    text: str,
    *,
    sees_all: bool,
    queues: Sequence[int],
    everywhere: bool,
    limit: int,
    queue: str = "",
    kind: str = "",
    priority: int | None = None,
    agent: str = "",
    skill: str = "",
) -> list[UUID]:
    """Ids of the newest `limit` cases with these words, in one query; closed ones only `everywhere`.

    `queues` are those whose cases may be seen, unless `sees_all`. The others narrow, where given.
    """
    words = Words.of(text)
    if not words.whole and not words.beginning:
        return []
    rows = sql.run(
        *(_ALL if everywhere else _OPEN),
        **words.parameters,
        sees_all=sees_all,
        queues=list(queues),
        marks="" if sees_all else " | ".join(f"'{mark(one)}'" for one in queues),
        looked_at=_LOOKED_AT,
        sampled=_SAMPLED + limit // 32,
        most=limit,
        queue=queue,
        kind=kind,
        priority=priority,
        agent=agent,
        skill=skill,
    )
    return [row["id"] for row in rows]


def mark(queue_id: int) -> str:
    """The word that says in which queue a case is. No text has it, for the parser never makes one like it."""
    return f"#{queue_id}"
