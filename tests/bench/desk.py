"""A small desk to measure on: one agent, one queue, sixteen operators and an admin. Django must be set up."""

from dataclasses import dataclass

from django.db import connections
from django.test import Client

from escalations.models import AgentVersion, Operator
from tests import factories

OPERATORS = 16


@dataclass(frozen=True)
class Desk:
    """The rows that measurements name, and the way in; `database` has them and no cases."""

    database: str
    agent: str
    agent_id: int
    version_id: int
    queue_id: int
    key: str
    operator_ids: list[int]
    sessions: list[str]
    admin_session: str


def make_desk(database: str) -> Desk:
    """Make the rows in Django's database, which must be `database`, and leave it."""
    queue = factories.make_queue()
    agent = factories.make_agent(queue=queue)
    version = AgentVersion.objects.create(agent=agent, name="1")
    key = factories.make_key(agent)
    operators = [factories.make_operator(queues=[queue]) for _ in range(OPERATORS)]
    sessions = [_signed_in(operator) for operator in [*operators, factories.make_admin(queues=[queue])]]
    connections.close_all()
    return Desk(
        database=database,
        agent=agent.name,
        agent_id=agent.pk,
        version_id=version.pk,
        queue_id=queue.pk,
        key=key,
        operator_ids=[operator.pk for operator in operators],
        sessions=sessions[:-1],
        admin_session=sessions[-1],
    )


def _signed_in(operator: Operator) -> str:
    """The key of a new session."""
    client = Client()
    client.force_login(operator)
    return client.cookies["sessionid"].value
