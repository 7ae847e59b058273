"""Django twice: pages with all that people need, and the agents' calls without.

Sessions, forms, messages and headers for browsers were a fifth of what taking in a handoff cost.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

Handler = TypeVar("Handler")

# Calls below these addresses carry an API key and nothing else, and are answered with JSON.
AGENTS_PREFIX = (
    "/api/v1/handoffs",
    "/api/v1/runs",
    "/api/v1/checks",
    "/api/v1/checkpoints",
    "/mcp",
    "/a2a/",
    "/.well-known/agent-card.json",
)


def for_agents(make: Callable[[], Handler]) -> Handler:
    """A handler with the middleware for agents: Django reads the setting when it makes one.

    Must be called while the process starts, before anything is served.
    """
    for_people = settings.MIDDLEWARE
    settings.MIDDLEWARE = settings.MIDDLEWARE_FOR_AGENTS
    try:
        return make()
    finally:
        settings.MIDDLEWARE = for_people
