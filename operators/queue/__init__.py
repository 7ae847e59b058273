"""The queue: what part of it somebody looks at, its rows and counts, the search, saved views."""
