"""Second looks at decisions, and how far people agree."""
