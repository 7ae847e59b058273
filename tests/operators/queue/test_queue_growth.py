"""A long queue costs no more: what a page counts and shows is read from an index, however rare it is."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operators.models import SavedView
from operators.queue.page import queue_context
from operators.queue.queue_view import QueueView
from operators.queue.seat import Seat
from tests.factories import make_admin, make_agent, make_case, make_skill
from tests.plans import copy_case, read_by

pytestmark = pytest.mark.django_db
CASES = "escalations_escalation"
RARE = (
    {"kind": "question"},
    {"priority": "urgent"},
    {"agent": "shop"},
    {"skill": "fr"},
    {"state": "snoozed"},
    {"state": "waiting"},
    {"due": "at_risk"},
    {"due": "breached"},
    {"kind": "question", "priority": "urgent", "due": "at_risk"},
)
MOST = 1_000


def rows_read(view: QueueView, seat: Seat | None = None) -> int:
    """How many rows of the table of cases it takes to draw the view."""
    with CaptureQueriesContext(connection) as captured:
        queue_context(view, seat)
    counted: Counter[str] = Counter()
    for query in captured.captured_queries:
        counted += read_by(query["sql"])
    return counted[CASES]


@pytest.fixture
def admin(db):
    """Who sees everything, with a saved view of each rare choice."""
    make_skill("fr")
    make_case(question="rare", kind="question", routing={"priority": "urgent", "skills": ["fr"]})
    make_case(make_agent("shop"))
    admin = make_admin()
    for number, params in enumerate(RARE):
        SavedView.objects.create(owner=admin, name=f"{number}", params=params, is_shared=True)
    return admin


def test_rare_choices_are_counted_and_shown_without_reading_the_queue(admin):
    common = make_case()
    read = []
    for size in (3_000, 27_000):
        copy_case(common.id, size, due_at="due_at + number * interval '1 second'")
        read.append([rows_read(QueueView.for_operator(admin, params)) for params in RARE])
    for params, few, many in zip(RARE, *read, strict=True):
        assert max(few, many) < MOST, params
    assert max(read[1]) <= 1.1 * max(read[0])
    assert rows_read(QueueView.for_operator(admin, {"view": "all"})) < MOST
