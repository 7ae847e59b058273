"""One thing done with many cases."""
