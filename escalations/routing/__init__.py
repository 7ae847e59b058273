"""Who is offered which case, and why: the router's sweep, and the account of it for people and agents."""

from escalations.routing.explain import Explanation, PersonsReason, RingTurn, Turn, explain
from escalations.routing.router import route

__all__ = ["Explanation", "PersonsReason", "RingTurn", "Turn", "explain", "route"]
