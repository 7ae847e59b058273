"""Unread notices by mail: each once, to whom it concerns, and again only when it did not leave."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db.models.functions import Now

from escalations.models import Notice, NoticeKind
from operators.desk import digest
from operators.rendering.formatting import local
from tests.factories import make_case, make_operator
from tests.threads import at_once

HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture(autouse=True)
def _mail_works(settings):
    settings.SENDS_MAIL = True


def tell(operator, text, *, ago=HOUR, case=None, read=False):
    notice = Notice.objects.create(operator=operator, case=case, kind=NoticeKind.REPLY, text=text)
    Notice.objects.filter(id=notice.id).update(created_at=Now() - ago, read_at=Now() if read else None)
    return notice


def make_reader(username="noor", *, every="hourly", **fields):
    return make_operator(username, email=f"{username}@desk.test", digest=every, **fields)


@pytest.mark.django_db
class TestWhatIsSent:
    def test_all_that_is_unread_comes_in_one_mail_with_links_that_only_lead_there(self, settings):
        settings.PUBLIC_URL = "https://desk.test"
        noor, case = make_reader(first_name="Noor", timezone="Asia/Tokyo"), make_case()
        tell(noor, "The user answered <you>.", case=case)
        tell(noor, "Just now", ago=timedelta())
        tell(noor, "Read before", read=True)
        assert digest.mail_digests() == 1
        [sent] = mail.outbox
        assert (sent.to, sent.subject) == (["noor@desk.test"], "Handrail: 2 unread notices")
        assert "The user answered <you>." in sent.body
        assert f"https://desk.test/cases/{case.id}/" in sent.body
        assert "Just now" in sent.body
        assert "Read before" not in sent.body
        assert "Times are those of Asia/Tokyo." in sent.body
        assert local(Notice.objects.get(text="Just now").created_at, noor) in sent.body
        assert digest.mail_digests() == 0

    def test_nothing_is_sent_before_the_interval_is_over(self):
        tell(make_reader("noor"), "Half an hour old", ago=timedelta(minutes=30))
        tell(make_reader("kim", every="daily"), "Two hours old", ago=timedelta(hours=2))
        assert digest.mail_digests() == 0
        tell(make_reader("sam", every="daily"), "Old", ago=timedelta(hours=25))
        assert digest.mail_digests() == 1

    def test_an_alert_is_mailed_at_once_to_who_wants_that_and_nothing_else_with_it(self):
        for username, every in (("noor", "off"), ("kim", "hourly")):
            reader = make_reader(username, every=every, mails_alerts=True)
            tell(reader, "A reply", ago=timedelta(minutes=5))
            Notice.objects.create(operator=reader, kind=NoticeKind.BREACHED, text="Past due: Refund?")
        # To who is due for all of theirs at the same time, it is what the mail is about.
        lee = make_reader("lee", mails_alerts=True)
        Notice.objects.create(operator=lee, kind=NoticeKind.BREACHED, text="Past due:\nRefund?")
        tell(lee, "An old reply")
        other = make_reader("sam", every="hourly")
        Notice.objects.create(operator=other, kind=NoticeKind.BREACHED, text="Past due: Refund?")

        assert (digest.mail_digests(), digest.mail_digests()) == (3, 0)
        *alone, together = mail.outbox
        assert [sent.to for sent in alone] == [["noor@desk.test"], ["kim@desk.test"]]
        for sent in alone:
            assert sent.subject == "Handrail: Past due: Refund?"
            assert "Past due: Refund?" in sent.body
            assert "A reply" not in sent.body
        assert together.subject == "Handrail: Past due: Refund? (and 1 more notice)"
        assert together.body.index("Past due:") < together.body.index("An old reply")

    def test_nobody_gets_mail_who_did_not_ask_for_it_or_is_gone(self):
        tell(make_reader("noor", every="off"), "No")
        tell(make_reader("kim", is_active=False), "No")
        assert digest.mail_digests() == 0

    def test_a_mail_that_fails_is_tried_again_and_holds_up_nobody(self, monkeypatch):
        tell(make_reader("noor"), "First")
        tell(make_reader("kim"), "Second")
        send = EmailBackend.send_messages

        def refuse(self, messages):
            if messages[0].to == ["noor@desk.test"]:
                raise OSError("refused")
            return send(self, messages)

        with monkeypatch.context() as patch:
            patch.setattr(EmailBackend, "send_messages", refuse)
            assert digest.mail_digests() == 1
        assert digest.mail_digests() == 1
        assert [sent.to for sent in mail.outbox] == [["kim@desk.test"], ["noor@desk.test"]]


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_mail_nothing_twice():
    for number in range(6):
        reader = make_reader(f"reader{number}")
        tell(reader, "Once")
        tell(reader, "and once only")

    assert sum(at_once([digest.mail_digests] * 4)) == 6
    assert sorted(sent.to[0] for sent in mail.outbox) == [f"reader{number}@desk.test" for number in range(6)]
