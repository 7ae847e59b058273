"""Replays of policies as pages: asked for by admins, read by whoever follows the link."""

import re

import pytest
from django.urls import reverse

from escalations import sweeps
from escalations.models import AgentVersion, PolicyReplay, Resolution
from tests.factories import claim, decide, make_admin, make_agent, make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    """Twelve of its cases came by the budget of turns; in three of them it was wrong."""
    agent = make_agent(rules={"turns": 20})
    operator = make_operator(hourly_cost_usd=60)
    wrong = {"agent_correct": "no", "failure_primary": "other"}
    for number in range(12):
        case = make_case(agent, question=f"May I go on? {number}", usage={"turns": 30})
        decide(claim(case, operator), **(wrong if number < 3 else {}))
    return agent


@pytest.fixture
def boss(client):
    operator = make_admin("boss")
    client.force_login(operator)
    return operator


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def ask_for(client, **changed):
    return client.post(reverse("replay_policy"), {"version": "", "period": "7d"} | changed)


def test_a_saved_policy_is_replayed_and_the_page_shared(boss, agent, client):
    lax = agent.policies.create(number=2, rules={"turns": 40}, note="Let it go on")
    agent.policies.create(number=3, rules={"turns": 20})
    asked = ask_for(client, policy=lax.pk)
    assert "Waits for its turn." in words(client.get(asked.url))

    sweeps.sweep_replays()

    page = words(client.get(asked.url))
    assert "Tried: support policy 2 ." in page
    assert "Handed off to a person of 0 finished runs and 12 cases 12 100.0% 12 100.0% 0 0.0%" in page
    assert "Errors caught in cases" in page
    assert "3 / 3 3 / 3 not enough data" in page
    assert "Cases that would not come those with an error first" in page
    assert page.count("Turns wrong") == 3
    assert "The rules in force and those tried" in page
    client.force_login(make_operator(role="reviewer"))
    shared = words(client.get(asked.url))
    assert "Tried: support policy 2." in shared
    assert "The rules in force and those tried" not in shared
    assert "Let it go on" not in words(client.get(reverse("replays")))


def test_what_a_case_took_is_counted_for_what_would_have_come(boss, agent, client):
    Resolution.objects.update(handle_seconds=120)
    asked = client.post(reverse("replay_draft", args=[agent.pk]), {"turns": "40"})
    sweeps.sweep_replays()

    page = words(client.get(asked.url))

    assert "Tried: a draft." in page
    assert "one took 2 min, the mean of 12 24 min 24 min" in page
    assert "$24.00 $24.00 $0.00" in page
    assert agent.policies.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"policy": ""}, "Choose the policy to try."),
        ({"version": "other"}, "This version is of another agent than the policy."),
        ({"period": "custom", "start": "2026-01-05", "end": "2026-01-02"}, "This day is before the first."),
        ({"period": "custom", "start": "2026-01-05", "end": "2026-06-05"}, "At most 92 days fit."),
    ],
)
def test_what_cannot_be_replayed_is_said_beside_its_field(boss, client, changed, said):
    policy = make_agent(rules={"turns": 20}).policies.get()
    other = AgentVersion.objects.create(agent=make_agent("billing"), name="9")
    fields = {"policy": policy.pk} | changed
    answer = ask_for(client, **(fields | {"version": other.pk} if "version" in changed else fields))
    assert (answer.status_code, PolicyReplay.objects.count()) == (422, 0)
    assert said in words(answer)


def test_rules_that_are_not_right_are_not_replayed(boss, agent, client):
    answer = client.post(reverse("replay_draft", args=[agent.pk]), {"turns": "many"}, follow=True)
    assert "Something in the rules is not complete or not right." in words(answer)
    assert not PolicyReplay.objects.exists()
