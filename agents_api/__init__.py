"""The door of the agents: REST, long-poll and webhooks."""
