"""Labels of closed cases are corrected: a revision more, told with what it changed."""

import pytest

from escalations import transitions
from escalations.models import Event, LabelRevision, Resolution, RevisionKind, Role
from operators.models import LabelsDraft
from tests.factories import claim, decide, make_admin, make_case, make_operator

pytestmark = pytest.mark.django_db

STEPS = [{"name": "find payment", "status": "ok"}, {"name": "refund", "status": "ok"}]


@pytest.fixture
def case():
    case = make_case(steps=STEPS)
    decide(
        claim(case, make_operator(first_name="Kim")),
        must=["Say when"],
        tool_fault={"tool": "x", "kind": "empty"},
    )
    return case


def fields_of(page):
    """What a browser would send of the form on the page."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def test_what_is_not_touched_stays_and_the_rest_is_a_revision_more(client, case):
    reviewer = make_operator(role=Role.REVIEWER, first_name="Noor")
    client.force_login(reviewer)
    page = client.get(f"/cases/{case.id}/labels/")
    sent = fields_of(page) | {"agent_correct": "no", "failure_primary": "cost", "first_error_index": "1"}
    answer = client.post(f"/cases/{case.id}/labels/", sent | {"step-1": "bad", "active_seconds": "9000"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case.id}/")

    first, second = LabelRevision.objects.order_by("number")
    assert (second.kind, second.operator, second.supersedes) == (RevisionKind.CORRECTION, reviewer, first)
    assert (second.agent_correct, second.first_error_index, second.step_labels) == ("no", 1, {"1": "bad"})
    assert (second.must, second.tool_fault, second.disposition) == (
        first.must,
        first.tool_fault,
        first.disposition,
    )
    # The page was opened a moment ago, whatever it says.
    assert second.opened_at is not None
    assert second.active_seconds < 600
    resolution = Resolution.objects.get(case=case)
    assert (resolution.agent_correct, resolution.failure_primary, resolution.quality) == (
        "no",
        "cost",
        "single",
    )

    html = client.get(f"/cases/{case.id}/").content.decode()
    assert "History of the labels · 2" in html
    assert "Noor," in html
    for changed in ("<del>Yes</del> <ins>No</ins>", "<del>Nothing went wrong</del> <ins>Cost</ins>"):
        assert changed in html
    assert Event.objects.get(case=case, kind="labelled").data == {"kind": "correction"}


def test_what_was_said_of_steps_that_no_page_shows_stays(client):
    said = {"step_labels": {"2": "good", "203": "bad"}, "first_error_index": 203, "root_cause_index": 202}
    case = make_case(steps=[{"name": f"step {n}"} for n in range(205)])
    decide(claim(case, make_operator()), **said)
    client.force_login(make_operator(role=Role.REVIEWER))
    page = client.get(f"/cases/{case.id}/labels/")
    assert (
        '<input type="radio" name="first_error_index" value="203" checked>204 step 203'
        in page.content.decode()
    )

    answer = client.post(f"/cases/{case.id}/labels/", fields_of(page) | {"note": "Seen again."})

    assert answer.status_code == 302
    latest = LabelRevision.objects.in_force().get()
    assert {name: getattr(latest, name) for name in said} == said


def test_over_the_correction_of_somebody_else_nothing_is_saved_until_it_was_seen(client, case):
    client.force_login(make_operator(role=Role.REVIEWER))
    sent = fields_of(client.get(f"/cases/{case.id}/labels/")) | {"note": "Mine"}
    [first] = LabelRevision.objects.all()
    labels = transitions.Labels("edit", "partial", "cost")
    transitions.revise(revision=first, operator=make_operator(), kind=RevisionKind.CORRECTION, labels=labels)
    answer = client.post(f"/cases/{case.id}/labels/", sent)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "somebody else changed these labels" in html
    assert ">Mine</textarea>" in html
    assert client.post(f"/cases/{case.id}/labels/", fields_of(answer)).status_code == 302
    assert LabelRevision.objects.in_force().get().note == "Mine"


def test_what_is_typed_comes_back_until_it_is_in_force_or_discarded(client, case):
    client.force_login(make_operator(role=Role.REVIEWER))
    url = f"/cases/{case.id}/labels/"
    page = client.get(url)
    sent = fields_of(page) | {"agent_correct": "partial", "failure_primary": "cost", "note": "Mine"}
    assert "You had begun" not in page.content.decode()

    def keep(**typed):
        return client.post(f"{url}draft/", sent | typed).status_code

    assert keep() == 204
    again = client.get(url)
    assert fields_of(again) == sent
    html = again.content.decode()
    assert ("You had begun" in html, ">Mine</textarea>" in html) == (True, True)
    client.post(f"{url}draft/", {"discard": "on"})
    assert ">Mine</textarea>" not in client.get(url).content.decode()

    # What is refused is kept as well, and what was begun before somebody else changed the labels.
    assert client.post(url, sent | {"failure_primary": "none", "note": "Refused"}).status_code == 422
    assert ">Refused</textarea>" in client.get(url).content.decode()
    [first] = LabelRevision.objects.all()
    labels = transitions.Labels("edit", "partial", "cost")
    transitions.revise(revision=first, operator=make_operator(), kind=RevisionKind.CORRECTION, labels=labels)
    assert keep(note="Begun before") == 204
    sent = fields_of(client.get(url))
    outdated = client.post(url, sent)
    assert (outdated.status_code, sent["note"]) == (409, "Begun before")
    assert client.post(url, fields_of(client.get(url))).status_code == 302
    assert LabelRevision.objects.in_force().get().note == "Begun before"
    assert not LabelsDraft.objects.exists()
    # A last save on the way out does not come back as a ghost.
    assert keep(note="Late") == 409


def test_what_contradicts_itself_is_not_saved(client, case):
    client.force_login(make_admin())
    sent = fields_of(client.get(f"/cases/{case.id}/labels/"))
    answer = client.post(f"/cases/{case.id}/labels/", sent | {"first_error_index": "0", "step-0": "good"})
    assert (answer.status_code, LabelRevision.objects.count()) == (422, 1)
    assert "cannot be the first error" in answer.content.decode()


def test_operators_correct_nothing_and_gold_is_the_admins(client, case):
    operator, reviewer, boss = make_operator(), make_operator(role=Role.REVIEWER), make_admin()

    def opens(person):
        client.force_login(person)
        leads = f'href="/cases/{case.id}/labels/"' in client.get(f"/cases/{case.id}/").content.decode()
        return client.get(f"/cases/{case.id}/labels/").status_code, leads

    assert [opens(one) for one in (operator, reviewer)] == [(403, False), (200, True)]
    Resolution.objects.update(quality="gold")
    assert [opens(one) for one in (reviewer, boss)] == [(403, False), (200, True)]


def test_only_what_a_person_decided_can_be_corrected(client):
    client.force_login(make_admin())
    assert client.get(f"/cases/{make_case().id}/labels/").status_code == 404
