from datetime import timedelta

import pytest
from django.db.models import F

from agents_api.retention import forget_idempotency_keys
from escalations.models import Escalation, IdempotencyRecord
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def age(case: Escalation, **duration: float) -> None:
    IdempotencyRecord.objects.filter(case=case).update(created_at=F("created_at") - timedelta(**duration))


def test_answers_are_kept_for_seven_days_and_then_forgotten_in_steps():
    kept = make_case()
    age(kept, days=6.9)
    for _ in range(5):
        age(make_case(), days=7.1)
    assert forget_idempotency_keys(batch=2) == 5
    assert list(IdempotencyRecord.objects.values_list("case_id", flat=True)) == [kept.id]
    assert Escalation.objects.count() == 6
    assert forget_idempotency_keys() == 0
