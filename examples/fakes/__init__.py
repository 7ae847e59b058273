"""Models that need no network: they call `refund` once, and then say what came of it."""
