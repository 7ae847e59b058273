"""Schemathesis makes requests from the OpenAPI document, good and bad: nothing undocumented comes back."""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from agents_api.management.commands.export_openapi import document
from agents_api.schemas.checkpoints import STEP_PATTERN
from escalations.models import Escalation, Operator, Policy
from escalations.validation import checkpoints
from tests.agents_api.conftest import Caller
from tests.factories import claim, decide

# Making up a request costs more than answering it; this many keep the whole under 40 s.
EXAMPLES = 10
RUNS = ("/api/v1/runs", "post")
STEP = "order"
PATHS = json.loads(document())["paths"]
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]


@pytest.fixture(scope="module")
def published() -> Any:
    """The document, read once for all; asked by no request, for which there is no database yet."""
    schema = schemathesis.openapi.from_dict(json.loads(document()))
    schema.app = get_wsgi_application()
    schema.config.generation.update(allow_x00=False)  # no string may hold it, which JSON Schema cannot say
    return schema


@pytest.fixture
def case_ids(caller: Caller, operator: Operator) -> Iterator[str]:
    """An open case and a decided one, in turns."""
    ids = [caller.opened().rsplit("/", 1)[1] for _ in range(2)]
    decide(claim(Escalation.objects.get(id=ids[1]), operator))
    return cycle(ids)


@pytest.fixture
def checked_step(caller: Caller) -> None:
    """A step with a schema, and a policy that wants a person when an output breaks it."""
    checkpoints.register(
        agent_id=caller.agent.pk, step=STEP, schema={"type": "object"}, actor="agent:support"
    )
    Policy.objects.create(agent=caller.agent, number=1, rules={"checkpoints": ["*"]})


@pytest.mark.usefixtures("transactional_db", "checked_step")
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_desk_answers_as_documented(published, caller, case_ids, path, method, mode):
    operation = published[path][method.upper()]
    [kind] = PATHS[path][method]["security"][0]
    key = caller.key_for(kind)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        aim(case, caller, next(case_ids))
        # Some rules span fields: a schema lets pass what they refuse.
        excluded = [positive_data_acceptance]
        if (path, method) == RUNS:  # answers 200 and refuses runs one by one, which is looked at below
            excluded.append(negative_data_rejection)
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded)
        if (path, method) == RUNS and mode is GenerationMode.NEGATIVE and answer.status_code == 200:
            assert answer.json()["refused"] > 0

    ask()


def aim(case: Any, caller: Caller, case_id: str) -> None:
    """Turn what would only be refused at the door to a case that exists and to the agent that calls."""
    if _is_uuid(case.path_parameters.get("handoff_id")):
        case.path_parameters["handoff_id"] = case_id
    if case.operation.path.endswith("/wait") and str(case.query.get("timeout", 55)).isdigit():
        case.query["timeout"] = "0"
    if isinstance(case.body, dict):
        runs = case.body.get("runs")
        for body in (case.body, case.body.get("handoff"), *(runs if isinstance(runs, list) else [])):
            aim_agent(body, caller)
        aim_checkpoint(case.body)


def aim_agent(body: Any, caller: Caller) -> None:
    """Name the agent that calls where one is named as it may be."""
    agent = body.get("agent") if isinstance(body, dict) else None
    if isinstance(agent, dict) and _is_name(agent.get("name")):
        agent["name"] = caller.agent.name


def aim_checkpoint(body: dict[str, Any]) -> None:
    """Name the step that has a schema, and one version where two are named."""
    if isinstance(body.get("step"), str) and re.fullmatch(STEP_PATTERN, body["step"]):
        body["step"] = STEP
    agents = [part.get("agent") for part in (body, body.get("handoff")) if isinstance(part, dict)]
    versions = [agent.get("version") for agent in agents if isinstance(agent, dict)]
    if len(versions) == 2 and all(map(_is_name, versions)):
        agents[1]["version"] = versions[0]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 60


def _is_uuid(text: Any) -> bool:
    try:
        UUID(text)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
