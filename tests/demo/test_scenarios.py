"""Every scenario and story is a handoff that the agents' door takes, and together they show everything."""

import json
import random
from datetime import UTC, datetime
from itertools import count

import pytest

from agents_api.schemas import HandoffIn
from demo.desk import AGENTS, PEOPLE
from demo.scenarios import SCENARIOS
from demo.stories import STORIES, Fill
from demo.writing import Json, Scenario, render
from escalations.models import FailureMode, Kind, Role
from operators.case.conversation import turns
from operators.case.forms.actions import actions_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def rendered(scenario: Scenario) -> Json:
    numbers = count(1)
    return render(scenario, now=NOW, new_id=lambda: f"id{next(numbers)}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.payload["question"][:40])
def test_open_scenario_is_a_valid_handoff(scenario: Scenario) -> None:
    HandoffIn.model_validate_json(json.dumps(rendered(scenario)))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.tell.__name__)
def test_story_is_a_valid_handoff_however_it_is_told(story) -> None:
    for seed in range(20):
        HandoffIn.model_validate_json(json.dumps(rendered(story.tell(Fill(random.Random(seed))))))


def test_open_scenarios_show_every_failure_mode_and_kind() -> None:
    assert {scenario.failure for scenario in SCENARIOS} == set(FailureMode)
    assert {scenario.payload["kind"] for scenario in SCENARIOS} == set(Kind)
    assert len(SCENARIOS) >= 25


def test_every_scenario_has_a_person_who_may_take_it() -> None:
    for scenario in SCENARIOS:
        routing = scenario.payload["routing"]
        assert any(
            plan.role == Role.OPERATOR
            and routing["queue"] in plan.queues
            and set(routing["skills"]) <= set(plan.skills)
            for plan in PEOPLE
        ), scenario.payload["question"]


def test_every_version_has_stories() -> None:
    told = {version for story in STORIES for version in story.weights}
    assert told == {version for plan in AGENTS for version in plan.versions}


def test_tool_results_answer_the_calls_before_them() -> None:
    for scenario in SCENARIOS:
        asked: set[str] = set()
        for message in rendered(scenario)["messages"]:
            asked |= {call["id"] for call in message.get("tool_calls", [])}
            if message["role"] == "tool":
                assert message["tool_call_id"] in asked


def test_rendering_times_steps_up_to_now_and_points_at_their_messages() -> None:
    [scenario] = [s for s in SCENARIOS if s.payload["question"].startswith("Refund $912.40")]
    payload = rendered(scenario)
    assert payload["steps"][-1]["ended_at"] == "2026-03-02T09:30:00Z"
    starts = [step["started_at"] for step in payload["steps"]]
    assert starts == sorted(starts)
    failed = payload["steps"][1]
    [call] = payload["messages"][failed["message_index"]]["tool_calls"]
    assert call["function"]["name"] == "get_payment"


def test_rendering_gives_each_case_ids_of_its_own_and_leaves_the_scenario_alone() -> None:
    scenario = SCENARIOS[0]
    first, second = rendered(scenario), render(scenario, now=NOW, new_id=lambda: "other")
    assert first["conversation_id"] != second["conversation_id"]
    assert "conversation_id" not in scenario.payload


def test_the_first_case_of_the_demo_shows_what_its_refund_would_change() -> None:
    [scenario] = [s for s in SCENARIOS if s.payload["question"].startswith("Refund $912.40")]
    payload = rendered(scenario)
    [action] = actions_of(payload, turns=turns(payload["messages"], agent="billing"))
    assert action.current["payment_method"] == "gift_card_2210573"
    assert action.arguments["payment_method"] == "credit_card_9513926"
