"""The past once more: last week's arrivals routed again, and an agent's runs and cases under other rules.

Routing is a simple, honest model: people take what the rings of the router lead to them, in the order of
work, at once and as far as their capacity goes, and have each case for as long as somebody really had it.
Nobody declines or misses an offer, nobody goes away with a case, nothing is passed on. How far that is from
the truth shows beside it: the week as it was recorded, and the same week replayed under the rules in force.

Policies are held against what is on record by the evaluator that agents ask, as a draft is before it is
saved.
"""

from escalations.replay import policies
from escalations.replay.engine import Arrival, Outcome, Settings, Worker, simulate
from escalations.replay.playing import run_next
from escalations.replay.running import DAYS, start

__all__ = ["DAYS", "Arrival", "Outcome", "Settings", "Worker", "policies", "run_next", "simulate", "start"]
