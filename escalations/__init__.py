"""Escalations: the domain. Cases, their transitions, and what is learned from them.

Knows no HTTP, HTML or sockets; both doors (`agents_api`, `operators`) call it.
"""
