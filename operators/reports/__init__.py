"""Pages with a question of their own: the wall, SLA risk, coverage, scorecards, failures, costs, the week."""
