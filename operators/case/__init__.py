"""The case page: what is shown of a case, and everything that can be done with it."""
