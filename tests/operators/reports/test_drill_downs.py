"""Figures in the tables of reports lead to exactly the rows that they count."""

import re
from html import unescape

import pytest

from escalations.models import AgentVersion
from escalations.reports.code_candidates import candidates
from tests import factories
from tests.escalations.metrics import desk
from tests.escalations.metrics.desk import NOON, WEEK

pytestmark = pytest.mark.django_db
PERIOD = {"since": WEEK.since.isoformat(), "until": WEEK.until.isoformat()}


@pytest.fixture
def boss(client):
    client.force_login(factories.make_admin())


def cells(client, page, heading):
    """The text and the address of each link in the row of a table with this heading."""
    text = client.get(page, PERIOD).content.decode()
    [row] = [one for one in re.findall(r"<tr\b.*?</tr>", text, re.S) if heading in one]
    return [(words, unescape(url)) for url, words in re.findall(r'<a href="([^"]*)">([^<]*)<', row)]


def counts(client, links):
    return [client.get(url).context["found"].count for _, url in links]


def test_candidates_for_code_lead_to_the_cases_that_they_are_of(boss, client):
    for number in range(11):
        labels = {"deterministic_rule": "Waive it."} if number < 2 else {}
        desk.case(NOON, resolved_after=60, category="fee", labels=labels)
    desk.case(NOON, resolved_after=60, category="seat", labels={"deterministic_rule": "Aisle."})
    desk.case(NOON, resolved_after=60, labels={"deterministic_rule": "By date."})
    audit = desk.case(NOON, resolved_after=60, category="fee", labels={"deterministic_rule": "Waive it."})
    type(audit).objects.filter(id=audit.id).update(kind="review")
    fee, *others = candidates(WEEK)
    assert (fee.named, fee.n, {one.category for one in others}) == (2, 11, {"", "seat"})

    assert counts(client, cells(client, "/figures/cost/", "<td>fee</td>")) == [2, 11, 11, 11]
    links = cells(client, "/figures/cost/", "<td>–</td>")
    assert counts(client, links) == [1, 1, 1, 1]
    title = client.get(links[0][1]).context["found"].title
    assert title == "Could be code: could be code: no category, decided by a person"


def test_scorecards_lead_to_the_cases_of_the_version(boss, client):
    wrong = {"agent_correct": "no", "failure_primary": "integration"}
    for number in range(12):
        desk.case(NOON, resolved_after=60, labels=wrong if number < 3 else {"agent_correct": "yes"})
    desk.case(NOON, resolved_after=60, version="9", labels=wrong)
    version = AgentVersion.objects.get(name="2.3")

    links = cells(client, "/figures/scorecards/", f">{version}</a>")

    labelled, *modes, override, over_escalation, cost = counts(client, links[1:-1])
    assert (labelled, over_escalation, cost) == (int(links[1][0]), 12, 12)
    assert sorted(modes) == [0, 0, 0, 0, 3]
    assert override == 12
