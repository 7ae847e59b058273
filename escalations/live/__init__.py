"""What live processes share: one reader of the event log, hints to it, and what they measure."""
