"""What is usual for an agent to cost, by which a dear case is known (`escalations.labels.detectors`)."""

from escalations import sql

# So many of the newest runs, and of the newest cases, are looked at for each agent.
_ROWS_MAX = 2_000
# Under so many no percentile of 95 means anything.
ENOUGH = 20


def measure() -> int:
    """Count it anew for all agents. Returns for how many it changed."""
    [row] = sql.run("usual_costs", rows_max=_ROWS_MAX, enough=ENOUGH)
    return int(row["changed"])
