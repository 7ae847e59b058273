"""Schemathesis follows the links of the OpenAPI document: from a handoff to all that can be done with it."""

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.config._phases import InferenceConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from escalations.models import Escalation, State
from tests.agents_api.published import operations
from tests.agents_api.test_schemathesis import aim, published
from tests.factories import claim, decide

__all__ = ["published"]

# Lives of cases, and how many requests each of them has.
LIVES, STEPS = 28, 8
HAND_OFF = "POST /api/v1/handoffs"
EXAMPLE = next(one for one in operations() if str(one) == HAND_OFF)


@pytest.mark.usefixtures("transactional_db")
def test_every_link_of_a_handoff_leads_where_it_says(published, caller, operator):
    published.config.generation.update(modes=[GenerationMode.POSITIVE])
    published.config.phases.stateful.inference = InferenceConfig(algorithms=[])  # ours are meant, not guesses
    seen: Counter[str] = Counter()

    class Desk(published.as_state_machine()):
        """An agent that does whatever it may, in any order; people decide every other case at once."""

        opened = 0

        def before_call(self, case: Any) -> None:
            aim(case, caller, (case.path_parameters or {}).get("handoff_id"))
            if case.operation.label == HAND_OFF:  # made-up ones are asked for apart
                case.body = EXAMPLE.body(caller)
                case.headers["Idempotency-Key"] = str(uuid4())  # no life meets a case of another

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {caller.key}"}}

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            seen[f"{case.operation.label} {response.status_code}"] += 1
            if case.operation.label == HAND_OFF and response.status_code == 201:
                self.opened += 1
                opened = Escalation.objects.get(id=response.json()["id"])
                if self.opened % 2 == 0 and opened.state == State.QUEUED:  # else it was kept
                    decide(claim(opened, operator))

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            case.validate_response(
                response,
                headers=options["headers"],
                # Some rules span fields: a schema lets pass what they refuse.
                excluded_checks=[positive_data_acceptance],
                transport_kwargs=options,
                recorder=self.recorder,
            )

    Desk.run(
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    linked = {str(one) for one in operations() if one.is_about_a_case}
    assert {place[:-4] for place in seen if not place.endswith("404")} >= linked
    assert Escalation.objects.filter(state=State.CANCELLED).exists()
