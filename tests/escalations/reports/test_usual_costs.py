"""What is usual for an agent to cost, by which a dear case is known."""

from decimal import Decimal

import pytest
from django.utils import timezone

from escalations import sweeps
from escalations.labels import detectors
from escalations.models import AgentVersion, Run, UsualCost
from operators.access import get_case_for
from tests.factories import make_agent, make_case, make_operator

pytestmark = pytest.mark.django_db


def report(agent, costs):
    version, _ = AgentVersion.objects.get_or_create(agent=agent, name="2.3")
    now = timezone.now()
    Run.objects.bulk_create(
        Run(
            agent=agent,
            agent_version=version,
            run_id=f"run {number}",
            cost_usd=cost,
            finished_at=now,
            sampling_probability=0,
            drawn=False,
        )
        for number, cost in enumerate(costs)
    )


def test_a_case_that_is_dearer_than_nearly_all_of_its_agent_points_to_cost():
    agent = make_agent()
    report(agent, [Decimal(number) for number in range(1, 22)] + [None])
    assert sweeps.measure_costs() == 1
    usual = UsualCost.objects.get()
    assert (usual.agent, usual.p95_usd, usual.counted) == (agent, Decimal(20), 21)
    assert sweeps.measure_costs() == 0

    operator = make_operator()
    cases = [make_case(agent, usage={"cost_usd": cost}) for cost in ("20", "20.01")]
    seen = [get_case_for(operator, case.id) for case in cases]
    assert [[one.value for one in detectors.suggestions(case, {}, [])] for case in seen] == [[], ["cost"]]


def test_of_too_few_nothing_is_said_and_what_was_said_is_taken_back():
    agent = make_agent()
    report(agent, [1] * 19)
    assert sweeps.measure_costs() == 0
    # An audit is no run of its own; a case is.
    make_case(agent, kind="review", usage={"cost_usd": "9"})
    assert sweeps.measure_costs() == 0
    make_case(agent, usage={"cost_usd": "2"})
    assert sweeps.measure_costs() == 1
    assert UsualCost.objects.get().counted == 20
    Run.objects.all().delete()
    assert sweeps.measure_costs() == 1
    assert not UsualCost.objects.exists()
