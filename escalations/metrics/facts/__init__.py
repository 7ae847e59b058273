"""One statement for each metric: the facts that it counts. See `escalations.metrics` for their columns."""
