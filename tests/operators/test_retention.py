from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils import timezone

from operators import retention, viewings
from operators.models import Viewing
from tests.factories import make_case, make_operator

pytestmark = pytest.mark.django_db


def test_pages_that_were_closed_without_a_word_are_forgotten_after_a_day():
    case = make_case()
    for _ in range(4):
        viewings.look(case.id, make_operator().pk)
    kept = Viewing.objects.earliest("id")
    Viewing.objects.update(seen_at=F("seen_at") - timedelta(hours=25))
    Viewing.objects.filter(id=kept.pk).update(seen_at=F("seen_at") + timedelta(hours=2))
    assert retention.forget_viewings(batch=2) == 3
    assert Viewing.objects.get() == kept
    assert retention.forget_viewings() == 0


def test_sessions_that_ran_out_are_forgotten(client):
    client.force_login(make_operator())
    for number in range(3):
        Session.objects.create(
            session_key=str(number), session_data="", expire_date=timezone.now() - timedelta(seconds=1)
        )
    assert retention.forget_sessions(batch=2) == 3
    assert client.get("/").status_code == 200
