"""`make bench`: what this machine does with Handrail, each figure against a floor from the same run.

The floor of a figure is the least that any program would need for the same work: the same rows written by
`pgbench`, the same bytes sent over bare sockets. Product and floor take turns, on the same servers.
"""
