"""Answers that come later: long-polls and streams of server-sent events."""
