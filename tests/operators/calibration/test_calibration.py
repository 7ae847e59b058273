"""The page of calibration: what it promises, what it keeps to itself, and who may look."""

from typing import get_args

import numpy as np
import pytest

from agents_api.schemas import base
from escalations.calibration import looks
from escalations.models import CalibrationGoal, CalibrationLook, ConfidenceSource, Policy, Role
from tests.escalations.calibration.runs import SOURCE, audit, report, version_of
from tests.factories import make_admin, make_agent, make_operator
from tests.operators.toasts import told

pytestmark = pytest.mark.django_db

URL = "/figures/calibration/"


@pytest.fixture
def admin(client):
    operator = make_admin()
    client.force_login(operator)
    return operator


@pytest.fixture
def version(admin):
    """Forty audits, of which the surest thirty were right; at most 30% wrong is wanted."""
    agent = make_agent(rules={"audit_rate": 1, "confidence": {"*": 0.1, "refund": 0.9}})
    CalibrationGoal.objects.create(agent=agent, alpha=0.3)
    for place, run_id in enumerate(report(agent, list(np.linspace(0.99, 0.2, 40)))):
        audit(agent, run_id, admin, "yes" if place < 30 else "no")
    return version_of(agent)


def look(client, version):
    return client.post(f"{URL}look/", {"version": version.pk, "source": SOURCE}, follow=True)


def test_before_a_look_it_says_how_many_audits_there_are_and_not_what_they_found(client, version):
    page = client.get(URL).content.decode()
    assert "Nobody has looked at what the audits found yet." in page
    assert "40 audits were judged." in page
    assert "Brier" not in page


def test_a_look_says_the_sentence_and_a_second_one_spends_nothing(client, version):
    page = look(client, version).content.decode()
    assert "at most 30% of the runs above it are wrong, with 95% confidence" in page
    again = client.post(f"{URL}look/", {"version": version.pk, "source": SOURCE})
    assert told(again) == ["No run was judged since the last look. It stands."]
    assert CalibrationLook.objects.count() == 1


def test_figures_lead_to_the_runs_of_the_look_alone(client, version):
    assert client.get(f"{URL}runs/").status_code == 404
    page = look(client, version)
    late = report(version.agent, [0.9], start=40)
    audit(version.agent, late[0], make_operator("kim"), "no")

    bins = looks.standing(version, SOURCE).findings.bins
    for (label, cells), one in zip(page.context["charts"][0].rows, bins, strict=True):
        runs = client.get(cells[-1].url)
        assert (runs.context["count"], runs.context["is_as_then"]) == (one.n, True), label
    wrong = client.get(page.context["wrong_url"])
    assert wrong.context["count"] == 10
    assert {line.is_wrong for line in wrong.context["lines"]} == {True}

    choice = looks.standing(version, SOURCE).findings.choice
    runs = client.get(page.context["runs_url"])
    assert runs.context["count"] == choice.chosen.n < 40
    assert f"<b>{choice.chosen.n}</b> judged runs" in runs.content.decode()
    for (_, all_url, wrong_url), one in zip(page.context["tests"], choice.tests, strict=True):
        counts = [client.get(url).context["count"] for url in (all_url, wrong_url)]
        assert counts == [one.n, one.errors]


def test_what_is_lacking_is_said_as_a_number(client, version):
    CalibrationGoal.objects.update(alpha=0.02)
    page = look(client, version).content.decode()
    assert "more audits are needed before a threshold can promise at most 2% wrong" in page


def test_the_threshold_makes_a_draft_in_which_no_category_goes_below_it(client, version):
    look(client, version)
    made = CalibrationLook.objects.get()
    threshold = looks.standing(version, SOURCE).findings.choice.chosen.threshold
    address = f"/policies/{version.agent_id}/?version={version.pk}&look={made.pk}"
    form = client.get(address).context["form"]
    assert {row.category: float(row.threshold) for row in form.thresholds} == {"*": threshold, "refund": 0.9}
    assert form["note"].value() == "Threshold by look 1 at audits: at most 30% wrong"
    assert Policy.objects.count() == 1
    elsewhere = make_agent("billing")
    assert client.get(f"/policies/{elsewhere.pk}/?look={made.pk}").status_code == 404


def test_the_goal_is_kept_for_the_agent_and_what_is_no_share_is_refused(client, version):
    fields = {"version": version.pk, "source": SOURCE, "wrong": "2.5", "confidence": "90", "error_cost": "12"}
    client.post(f"{URL}goal/", fields)
    goal = CalibrationGoal.objects.get()
    assert (goal.alpha, goal.delta, goal.error_cost_usd) == (0.025, 0.1, 12)
    assert client.post(f"{URL}goal/", fields | {"wrong": "0"}).status_code == 422
    assert CalibrationGoal.objects.get().alpha == 0.025


def test_reviewers_see_what_was_found_and_may_not_look(client, version):
    look(client, version)
    client.force_login(make_operator(role=Role.REVIEWER))
    page = client.get(URL).content.decode()
    assert "At a threshold of" in page
    assert "Look again" not in page
    assert look(client, version).status_code == 403


def test_every_source_that_the_api_takes_can_be_chosen():
    assert set(ConfidenceSource.values) == {*get_args(base.ConfidenceSource), ""}
