"""What the statements of several metrics begin with; `Metric.frame` names it."""
