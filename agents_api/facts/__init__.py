"""The facts of the metrics of this door; see `escalations.metrics`."""
