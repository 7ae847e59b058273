"""A look is an act: it is kept, spends a part of delta, and is made once for the same audits."""

from decimal import Decimal
from functools import partial

import numpy as np
import pytest

from escalations.calibration import looks
from escalations.calibration.looks import NotLooked
from escalations.models import AgentVersion, AuditEntry, CalibrationLook
from tests.escalations.calibration.runs import SOURCE, VERSION, audit, report, version_of
from tests.factories import make_admin, make_agent
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def version(admin):
    """Forty runs were audited, and the surest thirty were right; at most 30% wrong is wanted."""
    agent = make_agent(rules={"audit_rate": 1})
    for place, run_id in enumerate(report(agent, list(np.linspace(0.99, 0.2, 40)))):
        audit(agent, run_id, admin, "yes" if place < 30 else "no")
    version = version_of(agent)
    want(version, admin, alpha=0.3)
    return version


def want(version, admin, *, alpha, delta=0.05):
    looks.set_goal(version=version, operator=admin, alpha=alpha, delta=delta, error_cost_usd=Decimal(0))


def look(version, admin):
    return looks.look(version=version, source=SOURCE, operator=admin)


def test_a_look_keeps_all_that_it_found_and_who_made_it(version, admin):
    made = look(version, admin)
    standing = looks.standing(version, SOURCE)
    assert standing.last == made
    found = standing.findings
    assert (found.n, found.wrong, found.traffic, found.counts.judged) == (40, 10, 40, 40)
    assert found.choice.chosen.passed
    assert found.choice.chosen.threshold < 0.6
    assert sum(one.n for one in found.bins) == 40
    assert found.possible[0].share == 0
    assert (found.possible[0].errors, found.possible[-1].caught) == (10, 10)
    assert AuditEntry.objects.filter(action="calibration.look", target=f"calibration_look:{made.pk}").exists()


def test_nothing_is_spent_twice_on_the_same_audits(version, admin):
    look(version, admin)
    with pytest.raises(NotLooked):
        look(version, admin)
    assert CalibrationLook.objects.count() == 1
    want(version, admin, alpha=0.25)
    assert look(version, admin).number == 2


def test_all_looks_together_never_spend_more_than_delta(version, admin):
    spent = []
    for tested in range(12):
        want(version, admin, alpha=0.3 + tested / 100)
        spent.append(look(version, admin).spent)
    assert spent[:3] == pytest.approx([0.05 / 2, 0.05 / 6, 0.05 / 12])
    assert sum(spent) == pytest.approx(0.05 * 12 / 13)
    want(version, admin, alpha=0.3, delta=0.01)
    with pytest.raises(NotLooked):
        look(version, admin)


def test_a_look_that_can_test_nothing_spends_nothing(version, admin):
    want(version, admin, alpha=0.02)
    made = look(version, admin)
    assert made.spent == 0
    standing = looks.standing(version, SOURCE)
    assert standing.next_delta == pytest.approx(0.025)
    assert standing.findings.choice.more > 300


def test_a_new_version_starts_again(version, admin):
    look(version, admin)
    new = AgentVersion.objects.create(agent=version.agent, name=f"{VERSION}.1")
    standing = looks.standing(new, SOURCE)
    assert (standing.last, standing.left, standing.goal.alpha) == (None, 0.05, 0.3)


def test_audits_since_the_last_look_are_counted_and_not_told(version, admin):
    assert looks.standing(version, SOURCE).judged == 40
    look(version, admin)
    assert looks.standing(version, SOURCE).judged == 0
    for run_id in report(version.agent, [0.5, 0.6], start=100):
        audit(version.agent, run_id, admin, "no")
    standing = looks.standing(version, SOURCE)
    assert (standing.judged, standing.findings.n, standing.findings.wrong) == (2, 40, 10)


@pytest.mark.django_db(transaction=True)
def test_of_looks_at_once_one_is_made(version, admin):
    answers = at_once([partial(look, version, admin) for _ in range(4)])
    assert sum(isinstance(answer, CalibrationLook) for answer in answers) == 1
    assert sum(isinstance(answer, NotLooked) for answer in answers) == 3
    assert [one.number for one in looks.of(version, SOURCE)] == [1]
