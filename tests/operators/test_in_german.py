"""Who reads German reads German: pages, what open pages are sent, mails. Others beside them do not."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models.functions import Now

from escalations import events
from escalations.background import database_threads
from escalations.models import Notice, NoticeKind, Ring
from escalations.presence import seen
from escalations.transitions.offer import offer
from operators.desk import digest
from tests.factories import claim, make_case, make_operator
from tests.operators.live.sockets import Desk, desk, message

__all__ = ["desk"]
run = database_threads.run


@pytest.mark.django_db
def test_the_page_of_a_case_is_german(client):
    case, reader = make_case(), make_operator(language="de")
    claim(case, reader)
    client.force_login(reader)
    page = client.get(f"/cases/{case.id}/").content.decode()
    assert '<html lang="de"' in page
    for text in (
        "Warum er hier ist",
        "War der Vorschlag des Agenten richtig?",
        "Absenden und nächster Fall",
        "Zurücklegen",
    ):
        assert text in page
    assert "Submit and next" not in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/live/queue/?view=all", "/live/case/{case}/"])
async def test_an_update_reaches_each_person_in_their_language(desk: Desk, path):
    case, cursor = await run(make_case), str(await run(events.position))
    await run(claim, case, await run(make_operator, "noor"))
    texts = []
    for language in ("de", "en"):
        reader = await run(lambda language: make_operator(language=language), language)
        async with desk.socket(reader, path.format(case=case.id), cursor=cursor) as socket:
            texts.append((await message(socket))["html"])
    assert [bool(re.search("noor (has it|holds)|held by noor", text)) for text in texts] == [False, True]
    assert [bool(re.search("noor hat ihn|bei noor", text)) for text in texts] == [True, False]


@pytest.mark.django_db(transaction=True)
async def test_who_lost_a_case_is_told_in_the_language_of_the_page(desk: Desk):
    case, cursor = await run(make_case), str(await run(events.position))
    await run(claim, case, await run(make_operator, "noor"))
    reader = await run(lambda: make_operator(language="de"))
    told = []
    for query in ("?language=en", ""):
        async with desk.socket(reader, f"/live/case/{case.id}/{query}", cursor=cursor) as socket:
            told.append((await message(socket, "lease"))["text"])
    assert told == [
        "Your claim has ended. noor has this case now.",
        "Ihre Übernahme ist beendet. noor hat diesen Fall jetzt.",
    ]


@pytest.mark.django_db(transaction=True)
async def test_two_pages_of_one_person_are_each_sent_their_own_language(desk: Desk):
    reader = await run(lambda: make_operator(language="de"))
    case = await run(make_case)
    await run(seen, reader.pk)
    assert await run(lambda: offer(case_id=case.id, operator_ids=[reader.pk], ring=Ring.SEVERAL))
    async with (
        desk.socket(reader, "/live/desk/") as german,
        desk.socket(reader, "/live/desk/?language=en") as english,
    ):
        texts = [(await message(socket))["html"] for socket in (german, english)]
    assert ["Verfügbar" in text for text in texts] == [True, False]
    assert ["Genehmigung · support" in text for text in texts] == [True, False]
    assert ["approval · support" in text for text in texts] == [False, True]
    assert ["Available" in text for text in texts] == [False, True]


@pytest.mark.django_db
def test_a_mail_is_german_and_the_next_one_is_not(settings):
    settings.SENDS_MAIL = True
    for name, language in [("anna", "de"), ("ben", "")]:
        reader = make_operator(name, email=f"{name}@desk.test", digest="hourly", language=language)
        notice = Notice.objects.create(operator=reader, kind=NoticeKind.REPLY, text="…")
        Notice.objects.filter(id=notice.id).update(created_at=Now() - timedelta(hours=2))
    assert digest.mail_digests() == 2
    subjects = {sent.to[0]: sent.subject for sent in mail.outbox}
    assert subjects == {
        "anna@desk.test": "Handrail: 1 ungelesener Hinweis",
        "ben@desk.test": "Handrail: 1 unread notice",
    }
