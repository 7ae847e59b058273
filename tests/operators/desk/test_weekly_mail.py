"""The report of each week by mail: on the chosen morning, once, and again only when it did not leave."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from escalations.models import Role
from escalations.sla import clocks
from operators.desk import weekly_mail
from operators.models import WeeklyMail
from tests.factories import make_operator, make_resolved
from tests.threads import at_once

MONDAY, TUESDAY = 0, 1


@pytest.fixture(autouse=True)
def _mail_works(settings):
    settings.SENDS_MAIL = True


@pytest.fixture
def at(monkeypatch):
    """Let it be that time, by the database's clock."""

    def be(*moment):
        monkeypatch.setattr(clocks, "database_now", lambda: datetime(*moment, tzinfo=UTC))

    return be


def make_reader(weekday=TUESDAY, **fields):
    fields = {"role": Role.REVIEWER, "email": "noor@desk.test", "timezone": "America/New_York"} | fields
    operator = make_operator(**fields)
    WeeklyMail.objects.create(operator=operator, weekday=weekday)
    return operator


@pytest.mark.django_db
def test_it_comes_on_the_morning_of_the_day_there_and_once(at, settings):
    settings.PUBLIC_URL = "https://desk.test"
    make_reader()
    make_resolved()
    at(2026, 11, 24, 11, 30)  # 6:30 in New York
    assert weekly_mail.mail_reports() == 0
    at(2026, 11, 24, 12, 30)
    assert [weekly_mail.mail_reports() for _ in range(2)] == [1, 0]
    [sent] = mail.outbox
    assert sent.to == ["noor@desk.test"]
    assert "from 2026-11-16 to 2026-11-22" in sent.subject
    assert "https://desk.test" in sent.body
    at(2026, 11, 30, 12, 30)
    assert weekly_mail.mail_reports() == 0
    at(2026, 12, 3, 12, 30)  # late, after a stop
    assert weekly_mail.mail_reports() == 1


@pytest.mark.django_db
def test_only_who_may_see_figures_and_has_an_address_gets_one(at, settings):
    make_reader(role=Role.OPERATOR)
    make_reader(email="")
    make_reader(is_active=False)
    at(2026, 11, 28, 12, 0)
    assert weekly_mail.mail_reports() == 0
    make_reader(language="de")
    settings.SENDS_MAIL = False
    assert weekly_mail.mail_reports() == 0
    settings.SENDS_MAIL = True
    assert weekly_mail.mail_reports() == 1
    assert "Handrail: " in mail.outbox[0].subject
    assert "report of the week" not in mail.outbox[0].subject


@pytest.mark.django_db
def test_a_mail_that_did_not_leave_is_tried_again(at, monkeypatch):
    make_reader()
    at(2026, 11, 25, 12, 0)

    def fail(*_):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        assert weekly_mail.mail_reports() == 0
    assert weekly_mail.mail_reports() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_mail_at_once_mail_it_once(at):
    make_reader(weekday=MONDAY)
    at(2026, 11, 25, 12, 0)
    assert sum(at_once([weekly_mail.mail_reports] * 4)) == len(mail.outbox) == 1


@pytest.mark.django_db
def test_it_is_chosen_in_the_preferences_and_begins_with_the_next_day(client, at):
    operator = make_operator(role=Role.REVIEWER, email="noor@desk.test")
    client.force_login(operator)
    form = {"theme": "dark", "timezone": "UTC", "digest": "off", "weekly_report": str(TUESDAY)}
    at(2026, 11, 25, 12, 0)  # a Wednesday
    assert client.post("/preferences/", form).status_code == 302
    assert WeeklyMail.objects.get().sent_for == "2026-W47"
    assert weekly_mail.mail_reports() == 0
    at(2026, 12, 1, 12, 0)
    assert weekly_mail.mail_reports() == 1
    assert '<option value="1" selected>' in client.get("/preferences/").content.decode()
    client.post("/preferences/", form | {"weekly_report": ""})
    assert not WeeklyMail.objects.exists()
    assert "weekly_report" not in client.get("/preferences/").context["form"].errors
    client.force_login(make_operator(email="kim@desk.test"))
    assert "weekly_report" not in client.get("/preferences/").context["form"].fields
