"""Cases found by their words, and cases like another."""
