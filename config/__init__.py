"""How Handrail is put together: settings, URLs, and the processes that serve it."""
