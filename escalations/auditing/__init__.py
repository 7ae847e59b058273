"""The audit log, provable: sealed in blocks, checked from the first to the last, searched."""
