"""Last week once more, under other rules."""
