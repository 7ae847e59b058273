"""The small forms on the case page that move a case on."""

from datetime import timedelta

import pytest

from escalations import transitions
from escalations.models import Claim, Escalation, Event, How, Presence, Role, State, WaitingFor
from escalations.sla import clocks
from tests.factories import USER_ASKS, claim, lapse, make_case, make_operator, make_queue
from tests.operators.toasts import told

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


class Desk:
    """A person at the page of a case that they hold."""

    def __init__(self, client, **fields):
        self.client = client
        self.operator = make_operator(first_name="Noor", **fields)
        client.force_login(self.operator)
        self.case = make_case()
        self.lease = claim(self.case, self.operator)

    def look(self, move):
        return self.client.get(f"/cases/{self.case.id}/moves/{move}/", headers=HTMX)

    def send(self, move, **fields):
        form = {f"move-{name}": value for name, value in fields.items()}
        form["lease_token"] = self.lease.token
        return self.client.post(f"/cases/{self.case.id}/moves/{move}/", form, headers=HTMX)

    def page(self):
        return self.client.get(f"/cases/{self.case.id}/").content.decode()

    @property
    def now(self):
        return Escalation.objects.get(id=self.case.id)


@pytest.fixture
def desk(client):
    return Desk(client)


@pytest.fixture
def supervisor(client):
    """A reviewer who looks at a case that somebody else holds."""
    desk = Desk(client)
    reviewer = make_operator(first_name="Robin", role=Role.REVIEWER)
    client.force_login(reviewer)
    return desk


def test_the_page_of_a_held_case_offers_the_moves(desk):
    page = desk.page()

    for move in ("transfer", "ask-agent", "ask-user", "snooze"):
        assert f"/cases/{desk.case.id}/moves/{move}/" in page
    assert "/moves/priority/" not in page


def test_the_dialog_lists_queues_and_people_who_could_work_it(desk):
    make_queue("billing")
    kim = make_operator(first_name="Kim")
    make_operator(first_name="Stranger", queues=[])
    Presence.objects.filter(operator=kim).update(seen_at=clocks.database_now())

    dialog = desk.look("transfer").content.decode()

    assert "billing" in dialog
    assert "Kim · available, 0 of 100" in dialog
    assert "Stranger" not in dialog
    assert "Noor" not in dialog.split("<form", 1)[1]


def test_a_case_is_passed_on_with_a_note(desk):
    kim = make_operator(first_name="Kim")

    answer = desk.send("transfer", to=f"person-{kim.pk}", note="You know them")

    assert answer.headers["HX-Redirect"] == "/"
    assert told(answer) == ["Passed on to Kim."]
    assert desk.now.holder == kim
    assert Event.objects.latest("id").data["note"] == "You know them"


def test_a_case_is_passed_on_to_a_queue(desk):
    billing = make_queue("billing")

    desk.send("transfer", to=f"queue-{billing.pk}")

    assert (desk.now.queue, desk.now.state) == (billing, State.QUEUED)


def test_a_person_without_room_is_said_to_have_none(desk):
    kim = make_operator(first_name="Kim", capacity=1)
    claim(make_case(), kim)

    answer = desk.send("transfer", to=f"person-{kim.pk}")

    assert answer.status_code == 422
    assert "Kim has no room" in answer.content.decode()
    assert "hold as much as they can" not in answer.content.decode()  # the box is for admins


def test_nothing_chosen_comes_back_with_what_to_do(desk):
    answer = desk.send("transfer", to="")

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.parametrize(("move", "whom"), [("ask-agent", WaitingFor.AGENT), ("ask-user", WaitingFor.USER)])
def test_a_question_makes_the_case_wait(desk, move, whom):
    answer = desk.send(move, question="Which card?", reply_within="15")

    assert answer.headers["HX-Redirect"] == "/"
    assert (desk.now.state, desk.now.waiting_for) == (State.WAITING, whom)
    page = desk.page()
    assert f"waits for {whom.label.lower()}" in page
    assert "Take back now" in page


def test_a_case_is_snoozed_until_a_time_of_the_persons_zone(client):
    desk = Desk(client, timezone="Asia/Tokyo")
    there = clocks.database_now() + timedelta(hours=9 + 1)

    desk.send("snooze", at=f"{there:%Y-%m-%dT%H:%M}")

    assert desk.now.snoozed_until == there.replace(second=0, microsecond=0) - timedelta(hours=9)


def test_nothing_is_snoozed_past_its_due_time(desk):
    late = desk.case.due_at + timedelta(hours=1)

    answer = desk.send("snooze", at=f"{late:%Y-%m-%dT%H:%M}")

    assert answer.status_code == 422
    assert "when it must be decided" in answer.content.decode()
    assert desk.now.state == State.CLAIMED


def test_under_a_claim_that_ended_nothing_moves(desk):
    lapse(desk.case)

    assert "Your claim has ended" in desk.look("snooze").content.decode()
    answer = desk.send("snooze", minutes="10")

    assert answer.status_code == 409
    assert "What you typed is kept" in answer.content.decode()


def test_who_put_a_case_aside_takes_it_back(desk):
    transitions.ask(
        lease=desk.lease, whom=WaitingFor.USER, question="Which?", reply_within=timedelta(hours=1)
    )

    desk.client.post(f"/cases/{desk.case.id}/take-back/")

    assert desk.now.holder == desk.operator


def test_taking_back_a_case_whose_reply_just_came_claims_it(desk):
    transitions.ask(
        lease=desk.lease, whom=WaitingFor.USER, question="Which?", reply_within=timedelta(hours=1)
    )
    transitions.add_message(case_id=desk.case.id, messages=[USER_ASKS], actor="agent:support")

    desk.client.post(f"/cases/{desk.case.id}/take-back/")

    assert desk.now.holder == desk.operator


def test_the_next_case_may_be_one_that_no_sweep_has_woken(desk):
    transitions.snooze(lease=desk.lease, until=desk.case.due_at)
    Escalation.objects.update(snoozed_until=clocks.database_now())

    desk.client.post("/next/")

    assert desk.now.holder == desk.operator


def test_a_supervisor_takes_over_from_the_page(supervisor):
    assert "/take-over/" in supervisor.page()

    supervisor.client.post(f"/cases/{supervisor.case.id}/take-over/")

    assert Claim.objects.get(ended_at=None).how == How.TAKEN


def test_a_supervisor_gives_a_case_that_waits_to_somebody(supervisor):
    transitions.release(lease=supervisor.lease)
    kim = make_operator(first_name="Kim")
    assert "/moves/assign/" in supervisor.page()

    answer = supervisor.send("assign", person=kim.pk)

    assert answer.headers["HX-Redirect"] == f"/cases/{supervisor.case.id}/"
    assert supervisor.now.holder == kim


def test_a_supervisor_changes_the_priority(supervisor):
    supervisor.send("priority", priority=0)

    assert supervisor.now.priority == 0


def test_what_is_for_supervisors_is_closed_to_others(desk):
    assert desk.look("assign").status_code == 403
    assert desk.send("priority", priority=0).status_code == 403
    other = Desk(desk.client)
    desk.client.force_login(desk.operator)
    desk.client.post(f"/cases/{other.case.id}/take-over/")
    assert other.now.holder == other.operator


def test_a_move_that_is_none_is_not_there(desk):
    assert desk.look("throw-away").status_code == 404


def test_without_scripts_a_move_is_a_page(desk):
    page = desk.client.get(f"/cases/{desk.case.id}/moves/snooze/")

    assert page.status_code == 200
    assert "<main" in page.content.decode()


def test_what_one_put_aside_stays_among_ones_own(desk):
    transitions.snooze(lease=desk.lease, until=desk.case.due_at)

    mine = desk.client.get("/?view=mine").content.decode()

    assert f'id="case-{desk.case.id}"' in mine
    assert "snoozed, " in mine
    desk.client.force_login(make_operator())
    assert f'id="case-{desk.case.id}"' not in desk.client.get("/?view=mine").content.decode()
