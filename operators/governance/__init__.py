"""What the desk keeps and for how long: retention, erasure, the audit log."""
