"""A review is given to one person, and settled once."""

from functools import partial

import pytest

from escalations.models import LabelRevision, Review, ReviewState, Role
from escalations.reviews import line
from escalations.reviews.line import ReviewLost
from escalations.reviews.rates import Rates, set_rates
from tests.escalations.reviews.audits import WRONG, drawn, labels, make_audit
from tests.factories import make_admin, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_people_never_share_a_review_and_one_person_never_has_two():
    noor = make_operator()
    for _ in range(12):
        drawn(make_audit(noor, **WRONG))
    people = [make_operator(role=Role.REVIEWER) for _ in range(8)]
    take = [partial(line.take, operator=person, state=ReviewState.WAITING) for person in people]
    given = at_once(take * 2)
    assert len(set(given)) == 8
    assert given[:8] == given[8:]
    assert Review.objects.filter(holder__isnull=False).count() == 8


def test_what_two_windows_send_is_kept_once():
    set_rates(Rates(right=0, ordinary=0, gold=0), make_admin())
    audit = make_audit(**WRONG)
    drawn(audit)
    kim, lee = make_operator(), make_operator()
    taken = line.take(operator=kim, state=ReviewState.WAITING)
    submit = partial(line.submit, review_id=taken, operator=kim, labels=labels(agent_correct="partial"))
    answers = at_once([submit] * 4)
    assert sum(isinstance(answer, ReviewLost) for answer in answers) == 3
    assert LabelRevision.objects.filter(kind="blind").count() == 1

    line.take(operator=lee, state=ReviewState.DIFFERS)
    seen = line.in_force(audit)
    settle = partial(line.settle, review_id=taken, operator=lee, seen=seen, labels=line.labels_of(seen))
    answers = at_once([settle] * 4)
    assert sum(isinstance(answer, ReviewLost) for answer in answers) == 3
    assert LabelRevision.objects.filter(kind="adjudicated").count() == 1
