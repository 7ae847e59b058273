"""Charts as values, each with its table: over time, by version, of failures."""
