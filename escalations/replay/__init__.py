"""Last week's arrivals routed again: as the desk is set up, and as it might be.

A simple, honest model: people take what the rings of the router lead to them, in the order of work, at once
and as far as their capacity goes, and have each case for as long as somebody really had it. Nobody declines
or misses an offer, nobody goes away with a case, nothing is passed on. How far that is from the truth shows
beside it: the week as it was recorded, and the same week replayed under the rules in force.
"""

from escalations.replay.engine import Arrival, Outcome, Settings, Worker, simulate
from escalations.replay.running import DAYS, run_next, start

__all__ = ["DAYS", "Arrival", "Outcome", "Settings", "Worker", "run_next", "simulate", "start"]
