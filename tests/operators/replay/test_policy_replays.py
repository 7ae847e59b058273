"""Replays of policies as pages: asked for by admins, read by whoever follows the link."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse

from escalations import sweeps
from escalations.models import AgentVersion, PolicyReplay, PolicyReplayRows, Resolution
from escalations.replay.asked import Under
from operators.replay import policy_replays
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


def leading_to(page):
    """The addresses of lists of rows on a page, by their query strings without what is the same in all."""
    return {unescape(url) for url in re.findall(r'href="([^"]*/rows/[^"]*)"', page)}


def test_the_figures_lead_to_the_runs_and_cases_that_they_count(boss, agent, client, monkeypatch):
    monkeypatch.setattr("operators.replay.policy_rows.PAGE", 10)
    asked = client.post(reverse("replay_draft", args=[agent.pk]), {"turns": "40"})
    sweeps.sweep_replays()
    urls = leading_to(client.get(asked.url).content.decode())

    counted = {}
    for url in urls:
        found = client.get(url).context["found"]
        query = parse_qs(urlsplit(url).query)
        counted[query.get("figure", query.get("rule"))[0], query["under"][0]] = found.n
    assert counted["come", "recorded"] == counted["come", "in_force"] == counted["left", "tried"] == 12
    assert counted["come", "tried"] == counted["errors_in_cases", "tried"] == 0
    assert counted["errors_in_cases", "in_force"] == counted["missed", "tried"] == 3
    assert (counted["fewer", "tried"], counted["more", "tried"]) == (12, 0)
    assert (counted["budget", "in_force"], counted["budget", "tried"]) == (12, 0)

    [missed] = (url for url in urls if "figure=missed" in url and "under=tried" in url)
    page = words(client.get(missed))
    assert "3 of those that were looked at." in page
    assert page.count("Case May I go on?") == page.count("Turns – wrong") == 3
    [fewer] = (url for url in urls if "figure=fewer" in url)
    first = client.get(fewer)
    more = client.get(f"{urlsplit(fewer).path}?{first.context['further']}").context["found"]
    assert (len(first.context["found"].rows), len(more.rows), more.n) == (10, 2, 12)


def test_of_a_replay_that_kept_no_rows_no_figure_leads_to_any(boss, agent, client):
    asked = client.post(reverse("replay_draft", args=[agent.pk]), {"turns": "40"})
    sweeps.sweep_replays()
    PolicyReplayRows.objects.all().delete()
    assert not leading_to(client.get(asked.url).content.decode())
    one = PolicyReplay.objects.get()
    assert client.get(policy_replays.rows_url(one, Under.TRIED, figure="come")).status_code == 404


def test_what_is_forgotten_by_now_is_told_so(boss, agent, client):
    client.post(reverse("replay_draft", args=[agent.pk]), {"turns": "40"})
    sweeps.sweep_replays()
    one = PolicyReplay.objects.get()
    rows = one.kept.rows
    rows["rows"] = [["run", str(uuid4()), None, None, [], []]]
    PolicyReplayRows.objects.update(rows=rows)
    assert "forgotten by now" in words(client.get(policy_replays.rows_url(one, Under.TRIED, figure="left")))


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
