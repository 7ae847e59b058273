"""What single pages ask beside the metrics: the wall, SLA risk, coverage, scorecards, failures, one's day."""
