"""Where a case stands in the line, as its agent is told; intake says the same of a new one (sql/line.sql)."""

from dataclasses import dataclass
from uuid import UUID

from escalations import sql
from escalations.models.people import SILENT

# `ahead` is counted up to here: "200" means "200 or more".
AHEAD_LIMIT = 200


@dataclass(frozen=True)
class Line:
    """`able` people may take the case, `available` of them are there with room for it.

    `ahead` cases are to be taken before it (at most `AHEAD_LIMIT`); none once it waits no more. Nobody can
    say for how long (`expected_wait_seconds`) while nobody is there or the case is put aside.
    """

    able: int = 0
    available: int = 0
    ahead: int = 0
    expected_wait_seconds: int | None = None


def line_of(case_id: UUID) -> Line:
    """Where the case stands at this moment."""
    [row] = sql.run(
        "subject",
        "able",
        "line",
        "line_told",
        case_ids=[case_id],
        connected=SILENT,
        ahead_limit=AHEAD_LIMIT,
    )
    return Line(**row)
